import { isIPv6 } from 'node:net'

/**
 * The key under which a peer is counted: an IPv4 address, or the /64 of an IPv6 address, because one caller owns all
 * of a /64. Behind a proxy all callers share the proxy's address.
 *
 * @param address - as sockets return it; `::ffff:10.0.0.1` is 10.0.0.1
 */
export function peerOf(address: string | undefined): string {
  if (address === undefined) return 'unknown'
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const [plain = ''] = address.split('%')
  if (!isIPv6(plain)) return address
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const behind = tail === '' ? [] : tail.split(':')
    while (groups.length + behind.length < 8) groups.push('0')
    groups.push(...behind)
  }
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${prefix.join(':')}::/64`
}
