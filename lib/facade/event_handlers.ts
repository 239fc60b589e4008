/** What is assigned to `onopen` and the like. */
export type EventHandler = ((event: never) => unknown) | null;

/** The event handlers of one target, by the types of their events. */
export interface EventHandlers {
  /** What was assigned last; `null` for nothing. */
  get(type: string): EventHandler;
  /**
   * Assigns a handler. It is called in the place among the listeners where the
   * first one was assigned, until `null` is.
   */
  set(type: string, value: unknown): void;
}

/**
 * Event handler attributes, as `onmessage` is one.
 *
 * Source: {@link https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes | HTML Standard, Event handlers}.
 */
export function createEventHandlers(target: EventTarget): EventHandlers {
  const handlers = new Map<
    string,
    { value: EventHandler; readonly listener: (event: Event) => void }
  >();
  return {
    get: (type) => handlers.get(type)?.value ?? null,
    set: (type, value) => {
      const before = handlers.get(type);
      if (!isObject(value)) {
        if (before !== undefined) {
          target.removeEventListener(type, before.listener);
        }
        handlers.delete(type);
      } else if (before !== undefined) {
        before.value = value as EventHandler;
      } else {
        const handler = {
          value: value as EventHandler,
          listener: (event: Event) => {
            // An object that is no function may be assigned, and is not called.
            if (typeof handler.value !== "function") return;
            handler.value.call(target, event as never);
          },
        };
        handlers.set(type, handler);
        target.addEventListener(type, handler.listener);
      }
    },
  };
}

function isObject(value: unknown): boolean {
  return typeof value === "function" ||
    (typeof value === "object" && value !== null);
}
