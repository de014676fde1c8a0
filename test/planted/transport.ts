import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const HOSTILE = 'test/network/protocols/hostile.test.ts'
const DHT = 'test/hostile/dht.test.ts'
const CONTRACT = 'test/sim/virtual-contract.test.ts'
const ROOM = 'test/unit/protocols/waiting-room.test.ts'

/** What reaches a peer before, beside and between requests. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'strangers-in',
    bug: 'strangers may connect',
    file: 'protocols/transport/create-libp2p.ts',
    find: '      return deny\n',
    put: '      return false\n',
    test: HOSTILE,
    only: 'that dials has no connection'
  },
  {
    name: 'id-twice',
    bug: 'a request id used twice',
    file: 'protocols/transport/answer-many.ts',
    find: 'kind !== ASK || this.#inHand.has(id)',
    put: 'kind !== ASK',
    test: HOSTILE,
    only: 'an id that is in hand comes again'
  },
  {
    name: 'dht-any-entry',
    bug: 'the DHT keeps whatever it is told',
    file: 'protocols/transport/guarded-dht.ts',
    find: '          checkEntry(key.toString(), roster)\n',
    put: '',
    test: DHT,
    only: 'is not named'
  },
  {
    name: 'dht-any-member',
    bug: 'a member without the role provides its key',
    file: 'protocols/transport/guarded-dht.ts',
    find: '?.roles.includes(role)) return',
    put: ' !== undefined) return',
    test: DHT,
    only: 'that provides the key of'
  },
  {
    name: 'dht-values',
    bug: 'the DHT keeps values',
    file: 'protocols/transport/guarded-dht.ts',
    find: "  const role = kind === 'provider'",
    put: "  if (kind === 'record') return\n  const role = kind === 'provider'",
    test: DHT,
    only: 'is refused and not kept'
  },
  {
    name: 'dht-any-length',
    bug: 'a request to the DHT may be of any length',
    file: 'protocols/transport/guarded-dht.ts',
    find: '      checkSize(bytes, MAX_REQUEST_BYTES)\n',
    put: '',
    test: DHT,
    only: 'a length that never ends'
  },
  {
    name: 'dht-any-rate',
    bug: 'requests to the DHT are not rated',
    file: 'protocols/transport/guarded-dht.ts',
    find: '      limiter.take(caller, ASKING)\n',
    put: '',
    test: DHT,
    only: 'more than 200 requests',
    failsWith: 'still waiting'
  },
  {
    name: 'addresses-without-end',
    bug: 'any number of addresses is kept of a peer',
    file: 'protocols/transport/guard-peer-store.ts',
    find: '    if (merged.addresses.length <= MOST_ADDRESSES) return merged\n',
    put: '    if (merged.addresses.length > 0) return merged\n',
    test: DHT,
    only: '8 addresses at most'
  },
  {
    name: 'door-one-address',
    bug: 'one address may have the whole door',
    file: 'protocols/transport/waiting-room.ts',
    find: 'while (there.size > mostPerAddress)',
    put: 'while (there.size > this.#init.most)',
    test: ROOM
  },
  {
    name: 'door-known-last',
    bug: 'known addresses are not let in first',
    file: 'protocols/transport/waiting-room.ts',
    find: 'there.size <= largest.there.size : known)',
    put: 'there.size <= largest.there.size : there.size <= largest.there.size)',
    test: ROOM
  },
  {
    name: 'door-never-shut',
    bug: 'a peer answers before its handlers stand',
    file: 'protocols/transport/door.ts',
    find: '  #isOpen = false\n',
    put: '  #isOpen = true\n',
    test: 'test/network/protocols/open-network.test.ts',
    only: 'waits at the door'
  },
  {
    name: 'bootstrap-or-nothing',
    bug: 'a slave whose bootstrap peers are down does not start',
    file: 'node/open-peer.ts',
    find: '    patient: serves,',
    put: '    patient: false,',
    test: 'test/e2e/late-bootstrap.test.ts',
    only: 'starts, says so once'
  },
  {
    name: 'addresses-forgotten',
    bug: 'addresses of earlier runs are not dialled',
    file: 'protocols/transport/open-network.ts',
    find: '[...init.bootstrap, ...book.addresses]',
    put: '[...init.bootstrap]',
    test: 'test/e2e/late-bootstrap.test.ts',
    only: 'are tried at its next start'
  },
  {
    name: 'slow-for-ever',
    bug: 'a byte now and then keeps a message alive',
    file: 'protocols/transport/pace.ts',
    find: 'moved < LEAST_BYTES_PER_MS * stallMs',
    put: 'moved < 1',
    test: 'test/hostile/slow-peers.test.ts',
    only: '4 at a byte per 5 s',
    failsWith: 'still waiting'
  },
  {
    name: 'no-shares',
    bug: 'who comes first has all the room there is',
    file: 'base/fair-budget.ts',
    find: 'if (held + bytes <= 2 * free) return',
    put: 'if (held >= 0 && free >= 0) return',
    test: CONTRACT,
    only: 'another has a third of that'
  },
  {
    name: 'one-share-for-all',
    bug: 'callers are not told apart when room is shared out',
    file: 'protocols/answerer.ts',
    find: 'budget.open(caller)',
    put: "budget.open('anyone')",
    test: CONTRACT,
    only: 'another has a third of that'
  },
  {
    name: 'masters-in-line',
    bug: 'what only masters may call has no room of its own',
    file: 'protocols/answerer.ts',
    find: 'isForMasters(protocol) ? this.#budgets.masters : this.#budgets.members',
    put: 'this.#budgets.members',
    test: CONTRACT,
    only: 'another has a third of that'
  },
  {
    name: 'unread-for-free',
    bug: 'an answer that is not read costs who asked nothing',
    file: 'protocols/transport/request-response.ts',
    find: '    try {\n      await wire.write([Uint8Array.of(STATUS_OK)',
    put: '    giveBack()\n    try {\n      await wire.write([Uint8Array.of(STATUS_OK)',
    test: HOSTILE,
    only: 'an answer that is not read counts'
  },
  {
    name: 'no-end-of-a-message',
    bug: 'a message that comes fast enough may come for ever',
    file: 'protocols/transport/request-response.ts',
    find: 'receiveChecked(wire, head, { stallMs, limitMs, reserve })',
    put: 'receiveChecked(wire, head, { stallMs, reserve })',
    test: HOSTILE,
    only: 'for longer than its protocol allows',
    failsWith: 'still waiting'
  },
  {
    name: 'dies-unread',
    bug: 'a connection that ends while bytes wait unread ends the process',
    file: 'protocols/transport/wire-stream.ts',
    find: '    else this.#resume() // its end',
    put: "    else if (this.#stream.readStatus === 'paused') this.#stream.resume() // its end",
    test: HOSTILE,
    only: 'a connection that dies while bytes wait unread'
  }
]
