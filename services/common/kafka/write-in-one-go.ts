import { once } from './once.ts'
import { producedSince, produceInOneGo } from './produce-request/encode-produce.ts'
import type { ApiDefinition } from './protocol/add-version.ts'
import { requireKafkaJs } from './protocol/codec.ts'

/**
 * Makes KafkaJS 2.2.4 write a produce request in one go; applied once per process.
 *
 * Its encoder makes a buffer of 512 bytes for each header, record and batch, fills it with zeros and copies it into
 * the next one: two thirds of a busy relay's CPU, most of it for garbage collection (docs/figures.md).
 */
export const writeInOneGo = once(() => {
  const { requests } = requireKafkaJs('kafkajs/src/protocol/requests') as {
    requests: { readonly Produce: ApiDefinition }
  }
  const own = requests.Produce.protocol.bind(requests.Produce)
  requests.Produce.protocol = (options) =>
    options.version < producedSince ? own(options) : produceInOneGo(own(options))
})
