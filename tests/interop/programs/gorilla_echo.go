// An echo by gorilla/websocket, as a server or as a client:
//
//	gorilla_echo serve PORT [--deflate]
//	gorilla_echo connect URL [--deflate]
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

func echo(connection *websocket.Conn) {
	defer connection.Close()
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		if connection.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func main() {
	what, where := os.Args[1], os.Args[2]
	deflate := len(os.Args) > 3 && os.Args[3] == "--deflate"
	if what == "serve" {
		upgrader := websocket.Upgrader{
			Subprotocols:      []string{"echo"},
			EnableCompression: deflate,
		}
		handler := func(writer http.ResponseWriter, request *http.Request) {
			connection, err := upgrader.Upgrade(writer, request, nil)
			if err == nil {
				echo(connection)
			}
		}
		log.Fatal(http.ListenAndServe("127.0.0.1:"+where, http.HandlerFunc(handler)))
	}
	dialer := websocket.Dialer{
		Subprotocols:      []string{"echo"},
		EnableCompression: deflate,
	}
	connection, _, err := dialer.Dial(where, nil)
	if err != nil {
		log.Fatal(err)
	}
	echo(connection)
}
