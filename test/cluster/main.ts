import { runRing } from '../support/run-ring.ts'

const help = `npm run test:cluster                       tests the image and the charts on a cluster with nodes
npm run test:cluster -- --context <name>   uses this context of the kubeconfig (KUBECONFIG) instead of the current one
npm run test:cluster -- --build <command>  is called with a folder and the name of an image; it builds the folder's
                                           Dockerfile and loads the image into the nodes. Also CLUSTER_BUILD
npm run test:cluster -- --host <address>   this machine's address for pods, as Kafka and PostgreSQL run here. Also
                                           CLUSTER_HOST
npm run test:cluster -- --grep <text>      runs only tests with this text in their name

The tests need kubectl, helm 3 and grpcurl on the PATH. They use a namespace of their own, and leave nothing behind.
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
