/** KafkaJS's definition of a request: it uses the highest version that it and the broker have. */
export interface ApiDefinition {
  readonly versions: string[]
  protocol(options: { readonly version: number }): Protocol
}

/** Encodes one request and decodes its answer. */
// biome-ignore lint/suspicious/noExplicitAny: each request has arguments of its own, and KafkaJS has no types for them
export type Protocol = (args: any) => unknown

/**
 * Adds a later version of a request to those that KafkaJS has. With a broker that has only versions in between,
 * KafkaJS uses the highest of its own.
 *
 * @param later - also gets KafkaJS's own last version, for what the later one cannot express
 */
export function addVersion(
  definition: ApiDefinition,
  version: number,
  later: (own: Protocol) => Protocol,
): void {
  const own = definition.protocol.bind(definition)
  const ownMax = Math.max(...definition.versions.map(Number))
  definition.versions.push(String(version))
  definition.protocol = (options) => {
    const known = own({ version: Math.min(options.version, ownMax) })
    return options.version >= version ? later(known) : known
  }
}
