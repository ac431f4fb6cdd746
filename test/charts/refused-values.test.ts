import type { Rendering } from './charts.ts'
import { refuses, type WrongValue } from './refuses.ts'

const rendering: Rendering = {
  chart: 'boxoffice',
  variant: 'default',
  valuesFile: 'charts/boxoffice/values.yaml',
}

const wrong: readonly WrongValue[] = [
  ['kafka.broker=kafka:9093', "at '/kafka': additional properties 'broker' not allowed"],
  ['kafka.brokers=kafka', "at '/kafka/brokers'"],
  ['postgres.port=70000', "at '/postgres/port'"],
  ['services.payment.replica=3', "at '/services/payment': additional properties 'replica' not allowed"],
  ['services.payment.replicas=0', "at '/services/payment/replicas'"],
  ['services.payment.database.role=Payment', "at '/services/payment/database/role'"],
  ['services.payment.database.cluster=boxoffice-db.prod', "at '/services/payment/database/cluster'"],
  [
    'services.payment.database.cluster=restored,services.payment.database.host=restored-rw',
    'services.payment.database.cluster says where it is',
  ],
  ['services.payment.env.lower=x', "invalid propertyName 'lower'"],
  ['defaults.resources.limits.memory=lots', "at '/defaults/resources/limits/memory'"],
  ['grpc.tls.enabled=yes', "at '/grpc/tls/enabled'"],
  ['grpc.tls.source=nobody', "at '/grpc/tls/source'"],
  ['grpc.tls.chart.rotation=finish', "at '/grpc/tls/chart/rotation'"],
  ['grpc.tls.chart.rotation=switch', 'switch needs a CA that begin has made'],
  ['image.digest=latest', "at '/image/digest'"],
  ['logLevel=loud', "at '/logLevel'"],
  [
    'services.payment.autoscaling.minReplicas=13',
    'services.payment.autoscaling.minReplicas is above maxReplicas',
  ],
  [
    'services.console.kafka.relayUser=relay-console',
    'services.console.kafka.relayUser and services.console.database.relayRole belong together',
  ],
  ['services.payment.relay.shards=17', "at '/services/payment/relay/shards'"],
  ['services.payment.relay.shards=3', 'services.payment.relay.shards is above the replicas'],
  [
    'services.payment.relay.shards=2,services.payment.autoscaling.enabled=true',
    'services.payment.relay.shards is above the replicas',
  ],
  ['tracing.endpoint=otel-collector:4318', "at '/tracing/endpoint'"],
  ['networkPolicy.clients[0].ipBlock.cidr=0.0.0.0/0', "at '/networkPolicy/clients/0/ipBlock/cidr'"],
  ['networkPolicy.scrapers[0].namespaceSelector=', "at '/networkPolicy/scrapers/0/namespaceSelector'"],
  ['auth.jwksUrl=https://id.example.com/keys', 'networkPolicy.identityProvider must say where'],
  ['networkPolicies.enabled=false', "additional properties 'networkPolicies' not allowed"],
]

refuses('helm refuses the value, and names it:', rendering, wrong)
