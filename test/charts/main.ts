import { runRing } from '../support/run-ring.ts'

const help = `npm run test:charts                    charts and manifests, without a cluster
npm run test:charts -- --update        accepts the current renderings of the charts as the expected ones
npm run test:charts -- --skip-missing  skips the tests that need a missing tool, and says so
npm run test:charts -- --grep <text>   runs only tests with this text in their name

The tests need helm 3, kubectl, kubeconform, kube-score, promtool and skaffold on the PATH, and the JSON schemas of
Kubernetes and of the CRDs for kubeconform from the folder KUBERNETES_SCHEMAS.`

await runRing({
  help,
  specs: 'test/charts/*.test.ts',
  options: {
    update: { type: 'boolean', env: 'UPDATE_GOLDEN' },
    'skip-missing': { type: 'boolean', env: 'CHARTS_SKIP_MISSING' },
  },
})
