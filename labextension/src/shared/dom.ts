/** Building elements. Text is only ever set as text, so nothing from a kernel or a notebook file becomes markup. */

const SVG = 'http://www.w3.org/2000/svg';

export type Child = Node | string | null | undefined | false;

interface IAttributes {
  readonly [name: string]: string | number | boolean | null | undefined;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: IAttributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function picture<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: IAttributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** A real button: reached by Tab, pressed by Enter and Space. */
export function button(attributes: IAttributes, press: () => void, ...children: Child[]): HTMLButtonElement {
  const node = element('button', { type: 'button', ...attributes }, ...children);
  node.addEventListener('click', event => {
    event.stopPropagation();
    press();
  });
  return node;
}

/** A piece of text with a class; absent where there is nothing to say. */
export function words(className: string, text: string): HTMLElement | null {
  return text === '' ? null : element('span', { class: className }, text);
}

function fill<E extends Element>(node: E, attributes: IAttributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.filter((child): child is Node | string => Boolean(child)));
  return node;
}
