import { parseArgs } from 'node:util'
import { abortOnSignal } from '../../scripts/interrupt.ts'
import { runMocha } from '../../scripts/test/run-mocha.ts'

const help = `npm run test:k8s                            manifests, charts and the operator against a real API server
npm run test:k8s -- --context <name>        that context of the kubeconfig (KUBECONFIG); its current one when left out
npm run test:k8s -- --crds <folder>         definitions to apply first: Strimzi, CloudNativePG, KEDA, cert-manager,
                                            Prometheus Operator. Left out, the cluster must have them. Also KUBERNETES_CRDS
npm run test:k8s -- --restart-api-server <command>
                                            restarts the API server and ends when it answers again. Also
                                            RESTART_API_SERVER; left out, the server is only made unreachable
npm run test:k8s -- --grep <text>           only tests whose name has it

It takes kubectl and helm 3 from the PATH. Kafka, PostgreSQL and the services run on this machine, beside the cluster, and the
operator does too, with the rights of its own service account. Nodes are not needed: no pod runs. It works in namespaces of its
own and leaves nothing but the definitions.`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    context: { type: 'string' },
    crds: { type: 'string' },
    'restart-api-server': { type: 'string' },
    grep: { type: 'string' },
    bail: { type: 'boolean' },
  },
})

if (values.help) {
  console.log(help)
} else {
  if (values.context) process.env.KUBECTL_CONTEXT = values.context
  if (values.crds) process.env.KUBERNETES_CRDS = values.crds
  if (values['restart-api-server']) process.env.RESTART_API_SERVER = values['restart-api-server']
  const { passed, failed } = await runMocha({
    specs: ['test/k8s/*.test.ts'],
    platform: false,
    args: [...(values.grep ? ['--grep', values.grep] : []), ...(values.bail ? ['--bail'] : [])],
    signal: abortOnSignal(),
  })
  console.log(`\n${passed} passed, ${failed} failed`)
  if (failed > 0 || passed === 0) process.exitCode ||= 1
}
