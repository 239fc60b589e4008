/** What an element may be given beside its children. */
export interface ElementProps {
  readonly class?: string;
  readonly text?: string;
  /** Custom properties of CSS, without the dashes in front. */
  readonly style?: Readonly<Record<string, string>>;
  /** Attributes; `undefined` leaves one out. */
  readonly attributes?: Readonly<Record<string, string | undefined>>;
}

/** Makes an element. Text is put in as text: nothing of a peer becomes markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { class: className = "", text, style = {}, attributes = {} }: ElementProps,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  // Through the object, since the page's policy lets no style attribute in.
  for (const [name, value] of Object.entries(style)) {
    made.style.setProperty(`--${name}`, value);
  }
  made.append(...children);
  return made;
}

/** The element of the page that has this id. */
export function byId<Kind extends HTMLElement>(
  id: string,
  kind: new () => Kind,
): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`Cannot find #${id}: wanted a ${kind.name} in the page`);
}
