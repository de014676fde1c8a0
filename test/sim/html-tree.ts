import { type DefaultTreeAdapterTypes, parse } from 'parse5'

/** An element of a page. */
export type Element = DefaultTreeAdapterTypes.Element

/** Parse a page as a browser does; a fault of its markup is an error. */
export function parsePage(html: string): DefaultTreeAdapterTypes.Document {
  return parse(html, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startLine, startCol }) => {
      throw new Error(`${code} at ${startLine}:${startCol}`)
    }
  })
}

/** All elements below a node, in order, that a test accepts. */
export function elements(node: DefaultTreeAdapterTypes.Node, test: (element: Element) => boolean): Element[] {
  if (!('childNodes' in node)) return []
  return node.childNodes.flatMap(child => [
    ...('tagName' in child && test(child) ? [child] : []),
    ...elements(child, test)
  ])
}

/** All elements of a tag. */
export function tagged(node: DefaultTreeAdapterTypes.Node, tag: string): Element[] {
  return elements(node, ({ tagName }) => tagName === tag)
}

/** An attribute's value. */
export function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find(one => one.name === name)?.value
}

/** The text of a node and all below it. */
export function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if ('value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
}
