import { expect } from 'chai'
import { type Rendering, templateArgs } from './charts.ts'
import { needs, run } from './tool.ts'

const rendering: Rendering = {
  chart: 'boxoffice',
  variant: 'default',
  valuesFile: 'charts/boxoffice/values.yaml',
}

/** A value that is wrong, and what the refusal names. */
const wrong: readonly (readonly [string, string])[] = [
  ['kafka.broker=kafka:9093', "at '/kafka': additional properties 'broker' not allowed"],
  ['kafka.brokers=kafka', "at '/kafka/brokers'"],
  ['postgres.port=70000', "at '/postgres/port'"],
  ['services.payment.replica=3', "at '/services/payment': additional properties 'replica' not allowed"],
  ['services.payment.replicas=0', "at '/services/payment/replicas'"],
  ['services.payment.database.role=Payment', "at '/services/payment/database/role'"],
  ['services.payment.env.lower=x', "invalid propertyName 'lower'"],
  ['defaults.resources.limits.memory=lots', "at '/defaults/resources/limits/memory'"],
  ['grpc.tls.enabled=yes', "at '/grpc/tls/enabled'"],
  ['image.digest=latest', "at '/image/digest'"],
  ['logLevel=loud', "at '/logLevel'"],
  ['defaults.autoscaling.minReplicas=13', 'services.payment.autoscaling.minReplicas is above maxReplicas'],
  ['networkPolicies.enabled=false', "additional properties 'networkPolicies' not allowed"],
]

describe('helm refuses, naming the value,', () => {
  needs('helm')

  for (const [value, refusal] of wrong) {
    it(value, async () => {
      const { exitCode, output } = await run('helm', ...templateArgs(rendering), '--set', value)
      expect(exitCode).to.not.equal(0)
      expect(output).to.include(refusal)
    })
  }
})
