import { runRing } from '../support/run-ring.ts'

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

await runRing({
  help,
  specs: 'test/k8s/*.test.ts',
  options: {
    context: { type: 'string', env: 'KUBECTL_CONTEXT' },
    crds: { type: 'string', env: 'KUBERNETES_CRDS' },
    'restart-api-server': { type: 'string', env: 'RESTART_API_SERVER' },
  },
})
