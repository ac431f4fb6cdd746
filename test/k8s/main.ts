import { runRing } from '../support/run-ring.ts'

const help = `npm run test:k8s                            manifests, charts and the operator against a real API server
npm run test:k8s -- --context <name>        uses this context of the kubeconfig (KUBECONFIG) instead of the current one
npm run test:k8s -- --crds <folder>         definitions to apply first: Strimzi, CloudNativePG, KEDA, cert-manager,
                                            Prometheus Operator. Without it the cluster must have them. Also
                                            KUBERNETES_CRDS
npm run test:k8s -- --restart-api-server <command>
                                            a command that restarts the API server and ends when it answers again.
                                            Without it the server is only made unreachable. Also RESTART_API_SERVER
npm run test:k8s -- --grep <text>           runs only tests with this text in their name

The tests need kubectl and helm 3 on the PATH. Kafka, PostgreSQL, the services and the operator run on this machine,
beside the cluster; the operator has the rights of its own service account. No nodes are needed, as no pod runs. The
tests use their own namespaces and leave only the definitions behind.`

await runRing({
  help,
  specs: 'test/k8s/*.test.ts',
  options: {
    context: { type: 'string', env: 'KUBECTL_CONTEXT' },
    crds: { type: 'string', env: 'KUBERNETES_CRDS' },
    'restart-api-server': { type: 'string', env: 'RESTART_API_SERVER' },
  },
})
