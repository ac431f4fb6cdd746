import { abortOnSignal } from '../../scripts/interrupt.ts'
import { runMocha } from '../../scripts/test/run-mocha.ts'

const help = `npm run test:charts                    charts and manifests, without a cluster
npm run test:charts -- --update        takes what the charts render now as agreed on
npm run test:charts -- --skip-missing  leaves out what needs a tool that is not there, and says so
npm run test:charts -- --grep <text>   only tests whose name has it; other options go to mocha as they are

It takes helm 3, kubectl, kubeconform, kube-score and skaffold from the PATH, and the JSON schemas of Kubernetes and of the
CRDs for kubeconform from the folder KUBERNETES_SCHEMAS.`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  console.log(help)
} else {
  if (args.includes('--update')) process.env.UPDATE_GOLDEN = 'true'
  if (args.includes('--skip-missing')) process.env.CHARTS_SKIP_MISSING = 'true'
  const { passed, failed } = await runMocha({
    specs: ['test/charts/*.test.ts'],
    platform: false,
    args: args.filter((arg) => arg !== '--update' && arg !== '--skip-missing'),
    signal: abortOnSignal(),
  })
  console.log(`\n${passed} passed, ${failed} failed`)
  if (failed > 0 || passed === 0) process.exitCode ||= 1
}
