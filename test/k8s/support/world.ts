import type { ManagedProcess } from '../../../scripts/platform/process.ts'
import { apply, helm, tryKubectl } from '../../support/kubectl.ts'
import type { TestSystem } from '../../support/shared-system.ts'
import { startTestSystem } from '../../support/start-test-system.ts'
import { installDefinitions } from './definitions.ts'
import { makeNamespace, removeNamespace } from './namespace.ts'
import { type OperatorOptions, operatorProcess, serviceAccount } from './operator-process.ts'

/** Kafka, PostgreSQL and the services on this machine, and a namespace with the operator's chart in it. */
export interface World {
  readonly system: TestSystem
  readonly namespace: string
  /** An operator with the rights that the chart gives it; stopped with the world. */
  operator(
    identity: string,
    options?: Pick<OperatorOptions, 'apiPort' | 'env'>,
  ): Promise<ManagedProcess & { readonly metricsPort: number }>
}

let installed: Promise<string> | undefined
let started: Promise<World> | undefined
const operators: ManagedProcess[] = []

/** The namespace that all tests share, with the operator's account and rights. The first caller creates it. */
export function operatorNamespace(): Promise<string> {
  installed ??= installNamespace()
  return installed
}

/** The world that all tests share. The first caller starts it. */
export function sharedWorld(): Promise<World> {
  started ??= start()
  return started
}

after('end the world', async function () {
  this.timeout(120_000)
  const world = await started?.catch(() => undefined)
  await Promise.all(operators.map((operator) => operator.stop()))
  await world?.system.stop()
  const namespace = await installed?.catch(() => undefined)
  if (namespace === undefined) return
  await removeNamespace(namespace)
  const elsewhere = `${serviceAccount}-${namespace}`
  await tryKubectl(['delete', 'clusterrolebinding', elsewhere])
  await tryKubectl(['delete', 'clusterrole', elsewhere, 'boxoffice-view', 'boxoffice-edit'])
})

async function start(): Promise<World> {
  // One after the other: if the namespace cannot be created, no system may be left running.
  const namespace = await operatorNamespace()
  const system = await startTestSystem({
    replicas: 2,
    // A test's customer holds one seat after another, and does not wait until each is sold.
    env: { LOG_LEVEL: 'warn', OPEN_HOLDS_PER_USER_MAX: '1000' },
  })
  return {
    system,
    namespace,
    async operator(identity, options = {}) {
      const operator = await operatorProcess({ system, namespace, identity, ...options })
      operators.push(operator)
      return operator
    },
  }
}

/**
 * Installs the definitions, and a namespace with the operator's account and rights. The operator runs beside the
 * cluster.
 */
async function installNamespace(): Promise<string> {
  await installDefinitions()
  const namespace = await makeNamespace('operator-test')
  const parts = ['serviceaccount', 'rbac'].flatMap((name) => ['--show-only', `templates/${name}.yaml`])
  const options = [
    '--namespace',
    namespace,
    '--kube-version',
    '1.35.0',
    '--set',
    'replays.allNamespaces=true',
  ]
  await apply(
    await helm('template', serviceAccount, 'charts/boxoffice-operator', ...options, ...parts),
    '--namespace',
    namespace,
  )
  return namespace
}
