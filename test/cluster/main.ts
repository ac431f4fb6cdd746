import { parseArgs } from 'node:util'
import { abortOnSignal } from '../../scripts/interrupt.ts'
import { runMocha } from '../../scripts/test/run-mocha.ts'

const help = `npm run test:cluster                       the image and the charts on a cluster with nodes: pods, probes, rollouts
npm run test:cluster -- --context <name>   that context of the kubeconfig (KUBECONFIG); its current one when left out
npm run test:cluster -- --build <command>  called with a folder and an image's name; builds the folder's Dockerfile and gives the
                                           image to the nodes. Also CLUSTER_BUILD
npm run test:cluster -- --host <address>   where pods reach this machine: Kafka and PostgreSQL run here. Also CLUSTER_HOST
npm run test:cluster -- --grep <text>      only tests whose name has it

It takes kubectl, helm 3 and grpcurl from the PATH, works in a namespace of its own, and leaves nothing.
With kind: --host is the gateway of Docker's network \`kind\`, and --build is a script with these two lines:
  docker build --tag "$2" "$1" && kind load docker-image --name boxoffice "$2"`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    context: { type: 'string' },
    build: { type: 'string' },
    host: { type: 'string' },
    grep: { type: 'string' },
    bail: { type: 'boolean' },
  },
})

if (values.help) {
  console.log(help)
} else {
  if (values.context) process.env.KUBECTL_CONTEXT = values.context
  if (values.build) process.env.CLUSTER_BUILD = values.build
  if (values.host) process.env.CLUSTER_HOST = values.host
  const { passed, failed } = await runMocha({
    specs: ['test/cluster/*.test.ts'],
    platform: false,
    args: [...(values.grep ? ['--grep', values.grep] : []), ...(values.bail ? ['--bail'] : [])],
    signal: abortOnSignal(),
  })
  console.log(`\n${passed} passed, ${failed} failed`)
  if (failed > 0 || passed === 0) process.exitCode ||= 1
}
