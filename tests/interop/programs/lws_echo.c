/*
 * An echo by libwebsockets, as a server or as a client:
 *
 *     lws_echo serve PORT [--deflate]
 *     lws_echo connect PORT [--deflate]
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A message under way in, or waiting to go out. */
struct message {
  struct message *next;
  unsigned char *bytes; /* with LWS_PRE bytes of room before the payload */
  size_t length;
  int is_binary;
};

struct session {
  struct message *incoming;
  struct message *first, *last;
  /* With deflate lws still reads a buffer after lws_write() has returned. */
  struct message *written;
};

static int is_over;

static void drop(struct message *message) {
  if (!message) return;
  free(message->bytes);
  free(message);
}

static void receive(struct lws *wsi, struct session *session, void *in,
                    size_t length) {
  struct message *message = session->incoming;
  if (!message) {
    message = session->incoming = calloc(1, sizeof *message);
    message->is_binary = lws_frame_is_binary(wsi);
  }
  message->bytes =
      realloc(message->bytes, LWS_PRE + message->length + length + 1);
  memcpy(message->bytes + LWS_PRE + message->length, in, length);
  message->length += length;
  if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi)) return;
  if (session->last) session->last->next = message;
  else session->first = message;
  session->last = message;
  session->incoming = NULL;
  lws_callback_on_writable(wsi);
}

static int send_first(struct lws *wsi, struct session *session) {
  struct message *message = session->first;
  drop(session->written);
  session->written = NULL;
  if (!message) return 0;
  session->first = message->next;
  if (!session->first) session->last = NULL;
  if (lws_write(wsi, message->bytes + LWS_PRE, message->length,
                message->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < 0)
    return -1;
  session->written = message;
  lws_callback_on_writable(wsi);
  return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t length) {
  switch (reason) {
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
      receive(wsi, user, in, length);
      break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return send_first(wsi, user);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
      is_over = 1;
      break;
    default:
      break;
  }
  return 0;
}

static const struct lws_protocols protocols[] = {
    {"echo", on_event, sizeof(struct session), 64 * 1024, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0}};

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_max_window_bits"},
    {NULL, NULL, NULL}};

static void on_signal(int number) {
  (void)number;
  is_over = 1;
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  const int serves = !strcmp(arguments[1], "serve");
  const int port = atoi(arguments[2]);
  struct lws_context_creation_info info = {0};
  signal(SIGTERM, on_signal);
  lws_set_log_level(LLL_ERR, NULL);
  info.port = serves ? port : CONTEXT_PORT_NO_LISTEN;
  info.iface = serves ? "lo" : NULL;
  info.protocols = protocols;
  if (count > 3 && !strcmp(arguments[3], "--deflate"))
    info.extensions = extensions;
  struct lws_context *context = lws_create_context(&info);
  if (!context) return 1;
  if (!serves) {
    struct lws_client_connect_info connect = {0};
    connect.context = context;
    connect.address = "127.0.0.1";
    connect.host = "127.0.0.1";
    connect.origin = "127.0.0.1";
    connect.port = port;
    connect.path = "/";
    connect.protocol = "echo";
    if (!lws_client_connect_via_info(&connect)) return 1;
  }
  while (!is_over && lws_service(context, 0) >= 0);
  lws_context_destroy(context);
}
