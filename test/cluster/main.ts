import { runRing } from '../support/run-ring.ts'

const help = `npm run test:cluster                       the image and the charts on a cluster with nodes: pods, probes, rollouts
npm run test:cluster -- --context <name>   that context of the kubeconfig (KUBECONFIG); its current one when left out
npm run test:cluster -- --build <command>  called with a folder and an image's name; builds the folder's Dockerfile and gives the
                                           image to the nodes. Also CLUSTER_BUILD
npm run test:cluster -- --host <address>   where pods reach this machine: Kafka and PostgreSQL run here. Also CLUSTER_HOST
npm run test:cluster -- --grep <text>      only tests whose name has it

It takes kubectl, helm 3 and grpcurl from the PATH, works in a namespace of its own, and leaves nothing.
With kind: --host is the gateway of Docker's network \`kind\`, and --build is a script with these two lines:
  docker build --tag "$2" "$1" && kind load docker-image --name boxoffice "$2"`

await runRing({
  help,
  specs: 'test/cluster/*.test.ts',
  options: {
    context: { type: 'string', env: 'KUBECTL_CONTEXT' },
    build: { type: 'string', env: 'CLUSTER_BUILD' },
    host: { type: 'string', env: 'CLUSTER_HOST' },
  },
})
