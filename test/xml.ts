// XML as far as the tests of pictures need it.

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

/** A strict reading of XML 1.0 as far as an SVG without a DTD has it: throws where a browser would show an error. */
export function parseXml(text: string): Element {
  if (/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) throw new Error('a character that XML forbids');
  const decode = (value: string) => {
    if (/&(?!(?:amp|lt|gt|quot|apos|#\d+);)|[<]/.test(value)) throw new Error(`an & or < stands alone: ${value}`);
    const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
    return value.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
      code === undefined ? named[name] : String.fromCodePoint(Number(code)),
    );
  };
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  const token =
    /<\?xml [^?]*\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w:-]+)>|<([\w:-]+)((?: [\w:-]+="[^"<]*")*) ?(\/?)>|([^<]+)/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new Error(`not well-formed: ${text.slice(at, at + 80)}`);
    const [, cdata, closes, opens, list, empty, characters] = found;
    const parent = open[open.length - 1];
    if (closes !== undefined) {
      if (open.pop()?.name !== closes) throw new Error(`${closes} was not open`);
    } else if (opens !== undefined) {
      const attributes: Record<string, string> = {};
      for (const [, name, value] of list.matchAll(/([\w:-]+)="([^"]*)"/g)) {
        if (name in attributes) throw new Error(`${name} twice`);
        attributes[name] = decode(value);
      }
      const element = { name: opens, attributes, children: [] };
      parent.children.push(element);
      if (empty === '') open.push(element);
    } else if (cdata !== undefined) parent.children.push(cdata);
    else if (characters !== undefined) {
      if (characters.includes(']]>')) throw new Error(']]> in text');
      parent.children.push(decode(characters));
    }
  }
  if (open.length !== 1) throw new Error(`${open[open.length - 1].name} is still open`);
  const elements = root.children.filter((child) => typeof child !== 'string');
  if (elements.length !== 1) throw new Error('not one root');
  return elements[0];
}
