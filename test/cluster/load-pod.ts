import { apply, getJson, kubectl, tryKubectl } from '../support/kubectl.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Pod } from './pods.ts'

/** The output of `npx boxoffice load -o json` at its end. */
export interface LoadResult {
  readonly accepted: number
  /** The number of refused calls by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Calls that got no answer. They are not repeated. */
  readonly failed: number
  readonly skipped: number
  readonly checkoutMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface Load {
  /** Ends the load, and returns its result. @throws Error if it had ended before */
  stop(): Promise<LoadResult>
}

const name = 'load'

/**
 * Starts a pod that buys at a steady rate, over the names of the headless Services, as a client in the cluster does.
 */
export async function startLoad(
  namespace: string,
  { release, image, rate }: { readonly release: string; readonly image: string; readonly rate: number },
): Promise<Load> {
  await apply(loadPod(release, image, rate), '--namespace', namespace)
  const phase = async (): Promise<string | undefined> =>
    ((await getJson('pod', name, '--namespace', namespace)) as Pod).status.phase
  await waitUntil('the load runs', async () => (await phase()) === 'Running', { deadlineMs: 60_000 })
  return {
    async stop() {
      const where = ['--namespace', namespace, name]
      if ((await phase()) !== 'Running')
        throw new Error(`the load has ended: ${await kubectl('logs', ...where)}`)
      const asked = await tryKubectl(['exec', ...where, '--', 'sh', '-c', 'kill -INT 1'])
      const ended = async (): Promise<boolean> => (await phase()) !== 'Running'
      await waitUntil(`the load has ended ${asked.stderr}`, ended, { deadlineMs: 120_000, pollMs: 200 })
      const output = await kubectl('logs', ...where)
      await kubectl('delete', 'pod', ...where)
      return JSON.parse(output) as LoadResult
    },
  }
}

function loadPod(release: string, image: string, rate: number): object {
  const addresses = ['payment', 'point', 'reservation'].map((service) => ({
    name: `BOXOFFICE_${service.toUpperCase()}_ADDRESS`,
    value: `dns:///${release}-${service}:50051`,
  }))
  const secrets = '/run/boxoffice'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'boxoffice-client': 'true' } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10_001,
        fsGroup: 10_001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name,
          image,
          imagePullPolicy: 'Never',
          args: [
            'scripts/boxoffice.ts',
            'load',
            '--rate',
            String(rate),
            '--minutes',
            '30',
            '--output',
            'json',
          ],
          env: [
            ...addresses,
            { name: 'BOXOFFICE_TOKEN_KEY', value: `${secrets}/private-key.json` },
            { name: 'BOXOFFICE_TLS_CA_FILE', value: `${secrets}/ca.crt` },
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          // A pod without requests gets no CPU on a busy node.
          resources: { requests: { cpu: '200m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          volumeMounts: [{ name: 'secrets', mountPath: secrets, readOnly: true }],
        },
      ],
      volumes: [
        {
          name: 'secrets',
          projected: {
            defaultMode: 0o440,
            sources: [
              { secret: { name: 'boxoffice-token-key' } },
              {
                secret: {
                  name: `${release}-payment-grpc`,
                  items: [{ key: 'ca.crt', path: 'ca.crt' }],
                },
              },
            ],
          },
        },
      ],
    },
  }
}
