import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { apply, kubectl } from '../../support/kubectl.ts'
import { certificateAuthority, serverAddress } from './operator-process.ts'

const api = 'flowcontrol.apiserver.k8s.io'

/**
 * Makes the API server answer 429 to every request of a service account, by its own priority and fairness: the account
 * gets a level that takes one request at a time and rejects the rest, and one request that does not end. Returns a
 * function that lets the account in again.
 */
export async function turnAway(namespace: string, account: string): Promise<() => Promise<void>> {
  const name = `turn-away-${namespace}`
  const busy = new AbortController()
  const token = await kubectl('create', 'token', account, '--namespace', namespace)
  await apply({ apiVersion: 'v1', kind: 'List', items: [levelOf(name), flowOf(name, namespace, account)] })
  const held = holdSeat(token, busy.signal)
  return async () => {
    busy.abort()
    await held
    // In this order, so that the flow never has a missing level.
    for (const kind of ['flowschema', 'prioritylevelconfiguration'])
      await kubectl('delete', `${kind}.${api}`, name, '--ignore-not-found')
  }
}

/** Keeps a request open that never ends. If that request is rejected itself, it opens another one. */
async function holdSeat(token: string, signal: AbortSignal): Promise<void> {
  const [{ host, port }, ca] = await Promise.all([serverAddress(), certificateAuthority()])
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const headers = {
    authorization: `Bearer ${token.trim()}`,
    'content-type': 'application/json',
    'content-length': '1000',
  }
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const asking = request({ host, port, ca, path, headers, method: 'POST', agent: false })
      asking.once('response', (response) => response.resume()).once('error', () => {})
      asking.once('close', resolve).flushHeaders()
      signal.addEventListener('abort', () => asking.destroy(), { once: true })
    })
    await sleep(20)
  }
}

/** A level without seats of its own. It still takes a request while no other one is executing. */
function levelOf(name: string): object {
  const limited = {
    nominalConcurrencyShares: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Reject' },
  }
  return {
    apiVersion: `${api}/v1`,
    kind: 'PriorityLevelConfiguration',
    metadata: { name },
    spec: { type: 'Limited', limited },
  }
}

function flowOf(name: string, namespace: string, account: string): object {
  const everything = {
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    namespaces: ['*'],
    clusterScope: true,
  }
  const subjects = [{ kind: 'ServiceAccount', serviceAccount: { namespace, name: account } }]
  return {
    apiVersion: `${api}/v1`,
    kind: 'FlowSchema',
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name },
      matchingPrecedence: 100,
      rules: [{ subjects, resourceRules: [everything] }],
    },
  }
}
