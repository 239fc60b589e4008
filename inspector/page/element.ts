/** What an element may be given beside its children. */
export interface ElementProps {
  readonly class?: string;
  readonly id?: string;
  readonly text?: string;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly style?: Readonly<Record<string, string>>;
  /** Attributes; `false` and `undefined` leave one out. */
  readonly [attribute: string]: unknown;
}

/** Makes an element. Text is put in as text: nothing of a peer becomes markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: ElementProps = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const { class: className, text, on = {}, style = {}, ...attributes } = props;
  const made = document.createElement(tag);
  if (className !== undefined) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  // Through the object, since the page's policy lets no style attribute in.
  for (const [name, value] of Object.entries(style)) {
    made.style.setProperty(name, value);
  }
  for (const [type, listener] of Object.entries(on)) {
    made.addEventListener(type, listener);
  }
  made.append(...children);
  return made;
}
