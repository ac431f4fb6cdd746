import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { type ServiceName, serviceNames } from '../../scripts/platform/databases.ts'
import { kafkaAs } from '../../scripts/platform/security.ts'
import { present } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import type { Target } from './attack.ts'

/** The part of a system that its attackers get. */
export function targetOf(system: TestSystem): Target {
  const { services, console, kafka, tlsCaFile } = system.addresses
  const { security, auth } = system
  const relay = (name: ServiceName): KafkaAddress =>
    security === undefined ? kafka : kafkaAs(`relay-${name}`, kafka.brokers, security.kafka)
  return {
    services: byService((name) => present(services[name].grpc[0])),
    page: console[0]?.page,
    caFile: tlsCaFile,
    auth,
    relays: byService(relay),
  }
}

function byService<Value>(make: (name: ServiceName) => Value): Record<ServiceName, Value> {
  return Object.fromEntries(serviceNames.map((name) => [name, make(name)])) as Record<ServiceName, Value>
}
