/** Bases are numbered A 0, C 1, G 2, T 3. The bits of A, C, G, T under each of the eight complement-respecting rules. */
export const DNA_RULES: readonly (readonly number[])[] = Object.freeze([
  [0b00, 0b01, 0b10, 0b11],
  [0b00, 0b10, 0b01, 0b11],
  [0b01, 0b00, 0b11, 0b10],
  [0b01, 0b11, 0b00, 0b10],
  [0b10, 0b00, 0b11, 0b01],
  [0b10, 0b11, 0b00, 0b01],
  [0b11, 0b01, 0b10, 0b00],
  [0b11, 0b10, 0b01, 0b00]
])

/** DNA addition, subtraction and exclusive or of two bases. The operation of number 3 is that of number 0 (3 mod 3). */
export const DNA_OPERATIONS: readonly ((a: number, b: number) => number)[] = Object.freeze([
  (a: number, b: number) => (a + b) & 3,
  (a: number, b: number) => (a - b) & 3,
  (a: number, b: number) => a ^ b
])

/** How two bits become two bits: rules for data, key and result, and the operation, each as its number. */
interface DnaCoding {
  readonly dataRule: number
  readonly keyRule: number
  readonly operation: number
  readonly resultRule: number
}

/** The coding that bits 8 to 18 of a Logistic-Sine word choose: 3 for the data, 3 the key, 2 the operation, 3 the result. */
function dnaCoding(word: number): DnaCoding {
  return {
    dataRule: (word >>> 8) & 7,
    keyRule: (word >>> 11) & 7,
    operation: ((word >>> 14) & 3) % 3,
    resultRule: (word >>> 16) & 7
  }
}

/** Encode two bits of data and of key as bases, join them, and decode the resulting base. */
function dnaMix(coding: DnaCoding, data: number, key: number): number {
  const dataBase = DNA_RULES[coding.dataRule].indexOf(data)
  const keyBase = DNA_RULES[coding.keyRule].indexOf(key)
  return DNA_RULES[coding.resultRule][DNA_OPERATIONS[coding.operation](dataBase, keyBase)]
}

/**
 * {@link dnaMix} for each of the 2048 values of bits 8 to 18 of a word: 16 results of two bits in one 32-bit row, the
 * result for (data, key) at bit 2·(4·key + data).
 */
export const DNA_ROWS: Uint32Array = new Uint32Array(2048)

/** The data that a result came from, in rows of the same form: at bit 2·(4·key + result). */
export const DNA_ROWS_INVERSE: Uint32Array = new Uint32Array(2048)

for (let row = 0; row < 2048; row++) {
  const coding = dnaCoding(row << 8)
  for (let pair = 0; pair < 16; pair++) {
    const [key, data] = [pair >> 2, pair & 3]
    const result = dnaMix(coding, data, key)
    DNA_ROWS[row] |= result << (2 * pair)
    DNA_ROWS_INVERSE[row] |= data << (2 * (4 * key + result))
  }
}
