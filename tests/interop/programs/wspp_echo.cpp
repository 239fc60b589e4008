// An echo by WebSocket++, as a server or as a client:
//
//     wspp_echo serve PORT [--deflate]
//     wspp_echo connect URL [--deflate]

#include <cstring>
#include <iostream>
#include <string>

#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>
#include <websocketpp/server.hpp>
// After the configurations, which would else hide it.
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>

template <typename Base>
struct deflating : public Base {
  struct permessage_deflate_config {};
  typedef websocketpp::extensions::permessage_deflate::enabled<
      permessage_deflate_config>
      permessage_deflate_type;
};

template <typename Endpoint>
void prepare(Endpoint &endpoint) {
  endpoint.clear_access_channels(websocketpp::log::alevel::all);
  endpoint.set_max_message_size(16 * 1024 * 1024);
  endpoint.init_asio();
  endpoint.set_message_handler(
      [&endpoint](websocketpp::connection_hdl handle,
                  typename Endpoint::message_ptr message) {
        endpoint.send(handle, message->get_payload(), message->get_opcode());
      });
}

template <typename Config>
void serve(const std::string &port) {
  websocketpp::server<Config> server;
  prepare(server);
  server.set_reuse_addr(true);
  server.set_validate_handler([&server](websocketpp::connection_hdl handle) {
    auto connection = server.get_con_from_hdl(handle);
    for (const auto &protocol : connection->get_requested_subprotocols()) {
      if (protocol == "echo") connection->select_subprotocol("echo");
    }
    return true;
  });
  auto address = asio::ip::address::from_string("127.0.0.1");
  server.listen(asio::ip::tcp::endpoint(address, std::stoi(port)));
  server.start_accept();
  server.run();
}

template <typename Config>
void connect(const std::string &url) {
  websocketpp::client<Config> client;
  // A connection takes the handlers that there are when it is made.
  prepare(client);
  websocketpp::lib::error_code error;
  auto connection = client.get_connection(url, error);
  connection->add_subprotocol("echo");
  client.connect(connection);
  client.run();
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  const std::string what = arguments[1], where = arguments[2];
  const bool deflate = count > 3 && !std::strcmp(arguments[3], "--deflate");
  namespace config = websocketpp::config;
  if (what == "serve") {
    deflate ? serve<deflating<config::asio>>(where)
            : serve<config::asio>(where);
  } else {
    deflate ? connect<deflating<config::asio_client>>(where)
            : connect<config::asio_client>(where);
  }
}
