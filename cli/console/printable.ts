// Commands to a terminal, line breaks, and what turns the direction of text around.
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/**
 * A text as one line that a terminal only shows: control characters, line breaks and bidi controls become U+FFFD. Names,
 * sites and messages are chosen by other peers.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\u{fffd}')
}

/** `value` as one JSON line that means the same to a reader and nothing to a terminal: such characters are escaped. */
export function printableJson(value: object): string {
  return escaped(JSON.stringify(value))
}

/** A line of JSON, with the break at its end if it has one, that means the same to a reader and nothing to a terminal. */
export function printableLine(line: string): string {
  return line.endsWith('\n') ? `${escaped(line.slice(0, -1))}\n` : escaped(line)
}

function escaped(json: string): string {
  return json.replace(UNPRINTABLE, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
