import { expect } from 'chai'
import { type Rendering, render, resourcesOf } from './charts.ts'
import { refuses, type WrongValue } from './refuses.ts'
import { needs } from './tool.ts'

const rendering: Rendering = {
  chart: 'boxoffice-operator',
  variant: 'default',
  valuesFile: 'charts/boxoffice-operator/values.yaml',
}

const wrong: readonly WrongValue[] = [
  ['replica=3', "additional properties 'replica' not allowed"],
  ['replicas=0', "at '/replicas'"],
  ['services.payment=payment', "at '/services/payment'"],
  ['services.pay ment=payment:1', "invalid propertyName 'pay ment'"],
  ['token.secret=Token', "at '/token/secret'"],
  ['kafka.brokers=kafka', "at '/kafka/brokers'"],
  ['kafka.sasl.user=Operator', "at '/kafka/sasl/user'"],
  ['consumerGroups.observeInterval=3', "at '/consumerGroups/observeInterval'"],
  ['replays.allNamespaces=yes', "at '/replays/allNamespaces'"],
  ['networkPolicy.apiServer[0].ipBlock.cidr=::/0', "at '/networkPolicy/apiServer/0/ipBlock/cidr'"],
  ['logLevel=loud', "at '/logLevel'"],
]

refuses("helm refuses the operator's value, and names it:", rendering, wrong)

describe("the operator's chart", () => {
  needs('helm')

  it('gives rights in other namespaces only if a value asks for it', async () => {
    const kinds = async (...args: string[]): Promise<string[]> =>
      resourcesOf(await render(rendering, ...args)).map(({ kind }) => kind)
    expect(await kinds()).to.not.include('ClusterRoleBinding')
    expect(await kinds('--set', 'replays.allNamespaces=true')).to.include('ClusterRoleBinding')
  })

  it('keeps the definitions when it is uninstalled, and does not install them if a value says so', async () => {
    const definitions = async (...args: string[]) =>
      resourcesOf(await render(rendering, ...args)).filter(({ kind }) => kind === 'CustomResourceDefinition')
    const own = await definitions()
    expect(own.map(({ metadata }) => metadata.name)).to.deep.equal([
      'consumergroups.boxoffice.dev',
      'replays.boxoffice.dev',
    ])
    for (const { metadata } of own) {
      const { annotations } = metadata as { annotations?: Record<string, string> }
      expect(annotations).to.deep.equal({ 'helm.sh/resource-policy': 'keep' })
    }
    expect(await definitions('--set', 'crds.install=false')).to.deep.equal([])
  })
})
