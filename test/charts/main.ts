import { runRing } from '../support/run-ring.ts'

const help = `npm run test:charts                    charts and manifests, without a cluster
npm run test:charts -- --update        takes what the charts render now as agreed on
npm run test:charts -- --skip-missing  leaves out what needs a tool that is not there, and says so
npm run test:charts -- --grep <text>   only tests whose name has it

It takes helm 3, kubectl, kubeconform, kube-score, promtool and skaffold from the PATH, and the JSON schemas of
Kubernetes and of the CRDs for kubeconform from the folder KUBERNETES_SCHEMAS.`

await runRing({
  help,
  specs: 'test/charts/*.test.ts',
  options: {
    update: { type: 'boolean', env: 'UPDATE_GOLDEN' },
    'skip-missing': { type: 'boolean', env: 'CHARTS_SKIP_MISSING' },
  },
})
