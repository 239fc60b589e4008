/*
 * Writes all bytes that come to all who are connected, and does nothing else: what
 * the kernel itself takes for one send to each, which no server can do without.
 * Answers each line on its standard input with what it has cost so far, and ends
 * with the end of that input, as report_usage.mjs does.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 65536, MOST_EVENTS = 256, ROOM = 65536 };

static int everybody[MOST_CONNECTIONS];
static int count = 0;
static int events = -1;
static char room[ROOM];

static void watch(int file) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = file};
  epoll_ctl(events, EPOLL_CTL_ADD, file, &event);
}

static int listen_on(int port) {
  int on = 1;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons(port),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 512) != 0) {
    perror("Cannot listen");
    exit(1);
  }
  return listener;
}

static void take(int listener) {
  int on = 1;
  int client = accept(listener, NULL, NULL);
  if (client < 0) return;
  if (count == MOST_CONNECTIONS) {
    close(client);
    return;
  }
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  everybody[count++] = client;
  watch(client);
}

static void drop(int client) {
  for (int at = 0; at < count; at++) {
    if (everybody[at] == client) everybody[at] = everybody[--count];
  }
  close(client);
}

static void pass_on(int client) {
  ssize_t length = read(client, room, sizeof room);
  if (length <= 0) {
    drop(client);
    return;
  }
  for (int at = 0; at < count; at++) {
    send(everybody[at], room, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

static long microseconds(struct timeval time) {
  return time.tv_sec * 1000000L + time.tv_usec;
}

static void answer(void) {
  struct rusage usage;
  if (read(STDIN_FILENO, room, sizeof room) <= 0) exit(0);
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"cpuMicroseconds\":%ld}\n",
         microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
  fflush(stdout);
}

int main(int argc, char **argv) {
  struct epoll_event found[MOST_EVENTS];
  if (argc < 2) {
    fprintf(stderr, "Usage: broadcast_floor PORT\n");
    return 1;
  }
  events = epoll_create1(0);
  int listener = listen_on(atoi(argv[1]));
  watch(listener);
  watch(STDIN_FILENO);
  for (;;) {
    int ready = epoll_wait(events, found, MOST_EVENTS, -1);
    for (int at = 0; at < ready; at++) {
      int file = found[at].data.fd;
      if (file == listener) take(listener);
      else if (file == STDIN_FILENO) answer();
      else pass_on(file);
    }
  }
}
