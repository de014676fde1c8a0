/** The values that stand in an example of the page, by name. */
export type Given = Readonly<Record<string, string>>

const BLOCK = /^```example ([a-z0-9-]+)\n([\s\S]*?)^```$/gm
const WIDTH = 128
const INDENT = '  '

/** The examples of a page in their order: each one's name and given values. */
export function examplesOf(page: string): { readonly name: string; readonly given: Given }[] {
  return [...page.matchAll(BLOCK)].map(([, name, body]) => ({ name, given: givenIn(body) }))
}

/** The page with what `compute` gives for every example behind its given values. */
export function fillPage(page: string, compute: (name: string, given: Given) => Record<string, string>): string {
  return page.replace(BLOCK, (_, name: string, body: string) => {
    const given = givenIn(body)
    const lines = Object.entries(given).map(([word, value]) => wrapped(`${word}: ${value}`))
    const results = Object.entries(compute(name, given)).map(([word, value]) => wrapped(`${word} -> ${value}`))
    return `\`\`\`example ${name}\n${[...lines, ...results].join('\n')}\n\`\`\``
  })
}

function givenIn(body: string): Given {
  const lines = body
    .replaceAll(/\n {2}/g, '')
    .trimEnd()
    .split('\n')
  const pairs = lines.filter(line => !/^[^:]+ -> /.test(line)).map(line => line.split(/: (.*)/, 2))
  return Object.fromEntries(pairs)
}

/** A long value goes on in the next lines, behind two spaces; breaks between words stay. */
function wrapped(line: string): string {
  const parts: string[] = []
  for (let at = 0; at < line.length; at += WIDTH) parts.push(line.slice(at, at + WIDTH))
  return parts.join(`\n${INDENT}`)
}
