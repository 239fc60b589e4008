/** How a connection ended, as a `CloseEvent` tells it. */
export interface CloseEventFields {
  /** Whether both sides had said that they close. */
  readonly wasClean: boolean;
  /** The code of the peer's Close; 1006 if none came. */
  readonly code: number;
  /** The reason in it. */
  readonly reason: string;
}

/** The classes of events that a runtime may have. */
export interface EventClasses {
  readonly MessageEvent: new (
    type: string,
    init: { readonly data: unknown; readonly origin: string },
  ) => Event;
  readonly CloseEvent: new (type: string, init: CloseEventFields) => Event;
  readonly ErrorEvent: new (
    type: string,
    init: { readonly message: string; readonly error: unknown },
  ) => Event;
}

/** In place of a class that a runtime has not: an event with a few fields more. */
class OwnMessageEvent extends Event {
  readonly data: unknown;
  readonly origin: string;
  readonly lastEventId = "";
  readonly source = null;
  readonly ports: readonly unknown[] = [];

  constructor(
    type: string,
    { data, origin }: { readonly data: unknown; readonly origin: string },
  ) {
    super(type);
    this.data = data;
    this.origin = origin;
  }
}

class OwnCloseEvent extends Event {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;

  constructor(type: string, { wasClean, code, reason }: CloseEventFields) {
    super(type);
    this.wasClean = wasClean;
    this.code = code;
    this.reason = reason;
  }
}

class OwnErrorEvent extends Event {
  readonly message: string;
  readonly error: unknown;

  constructor(
    type: string,
    { message, error }: { readonly message: string; readonly error: unknown },
  ) {
    super(type);
    this.message = message;
    this.error = error;
  }
}

const ownNames = {
  MessageEvent: OwnMessageEvent,
  CloseEvent: OwnCloseEvent,
  ErrorEvent: OwnErrorEvent,
};
for (const [name, own] of Object.entries(ownNames)) {
  Object.defineProperty(own, "name", { value: name });
}

/** The classes of a runtime, and our own where it has none. */
export function eventClasses(runtime: Partial<EventClasses>): EventClasses {
  const { MessageEvent, CloseEvent, ErrorEvent } = runtime;
  return {
    MessageEvent: MessageEvent ?? OwnMessageEvent,
    CloseEvent: CloseEvent ?? OwnCloseEvent,
    ErrorEvent: ErrorEvent ?? OwnErrorEvent,
  };
}

const classes = eventClasses(globalThis as Partial<EventClasses>);

/** A message came: its data, and the origin of whom it came from. */
export function messageEvent(data: unknown, origin: string): Event {
  return new classes.MessageEvent("message", { data, origin });
}

/** The connection is over. */
export function closeEvent(fields: CloseEventFields): Event {
  return new classes.CloseEvent("close", fields);
}

/**
 * The connection failed. The platform says no more than that, since a page is
 * not to learn of what is behind; a program may know why.
 */
export function errorEvent(error: unknown): Event {
  const message = error instanceof Error ? error.message : String(error);
  return new classes.ErrorEvent("error", { message, error });
}
