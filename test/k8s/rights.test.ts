import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { apply, kubectl, tryKubectl } from '../support/kubectl.ts'
import { makeNamespace, removeNamespace } from './support/namespace.ts'
import { serviceAccount } from './support/operator-process.ts'
import { replayOf } from './support/replays.ts'
import { operatorNamespace } from './support/world.ts'

/** Verb, resource, and further arguments of `kubectl auth can-i`. */
type Right = readonly [verb: string, resource: string, ...args: string[]]

const allowed: readonly Right[] = [
  ['get', 'consumergroups.boxoffice.dev'],
  ['list', 'consumergroups.boxoffice.dev'],
  ['watch', 'consumergroups.boxoffice.dev'],
  ['create', 'consumergroups.boxoffice.dev'],
  ['patch', 'consumergroups.boxoffice.dev'],
  ['delete', 'consumergroups.boxoffice.dev'],
  ['patch', 'consumergroups.boxoffice.dev', '--subresource=status'],
  ['watch', 'replays.boxoffice.dev'],
  ['patch', 'replays.boxoffice.dev'],
  ['patch', 'replays.boxoffice.dev', '--subresource=status'],
  ['list', 'pods'],
  ['watch', 'pods'],
  ['create', 'events.events.k8s.io'],
  ['create', 'leases.coordination.k8s.io'],
  ['update', `leases.coordination.k8s.io/${serviceAccount}`],
]

const forbidden: readonly Right[] = [
  ['create', 'replays.boxoffice.dev'],
  ['delete', 'replays.boxoffice.dev'],
  ['update', 'replays.boxoffice.dev'],
  ['deletecollection', 'consumergroups.boxoffice.dev'],
  ['get', 'secrets'],
  ['list', 'secrets'],
  ['get', 'configmaps'],
  ['create', 'pods'],
  ['delete', 'pods'],
  ['get', 'pods', '--subresource=log'],
  ['create', 'pods', '--subresource=exec'],
  ['update', 'leases.coordination.k8s.io/another'],
  ['delete', `leases.coordination.k8s.io/${serviceAccount}`],
  ['list', 'leases.coordination.k8s.io'],
  ['list', 'events.events.k8s.io'],
  ['create', 'serviceaccounts', '--subresource=token'],
  ['get', 'deployments.apps'],
  ['patch', 'deployments.apps'],
  ['create', 'roles.rbac.authorization.k8s.io'],
  ['impersonate', 'users'],
]

describe('the operator', function () {
  this.timeout(120_000)
  let own: string
  let account: string
  before(async () => {
    own = await operatorNamespace()
    account = `system:serviceaccount:${own}:${serviceAccount}`
  })

  for (const right of allowed) {
    it(`may ${right.join(' ')}`, async () => expect(await can(right, own)).to.equal(true))
  }
  for (const right of forbidden) {
    it(`may not ${right.join(' ')}`, async () => expect(await can(right, own)).to.equal(false))
  }

  it('may read replays in other namespaces and mark them as failed, and do nothing else there', async () => {
    expect(await can(['list', 'replays.boxoffice.dev'], 'kube-system')).to.equal(true)
    expect(await can(['patch', 'replays.boxoffice.dev', '--subresource=status'], 'kube-system')).to.equal(
      true,
    )
    expect(await can(['patch', 'replays.boxoffice.dev'], 'kube-system')).to.equal(false)
    const others: Right[] = [
      ...allowed.filter(([, resource]) => !resource.startsWith('replays')),
      ...forbidden,
    ]
    for (const right of others) expect(await can(right, 'kube-system'), right.join(' ')).to.equal(false)
  })

  it('is allowed and refused the same by the API server, with its own token', async () => {
    const token = await kubectl('create', 'token', serviceAccount, '--namespace', own)
    // In a file, because every user of this machine can read arguments.
    const kubeconfig = path.join(await mkdtemp(path.join(tmpdir(), 'operator-rights-')), 'kubeconfig')
    const config = JSON.parse(
      await kubectl('config', 'view', '--minify', '--flatten', '--raw', '--output', 'json'),
    )
    const user = { name: 'operator', user: { token: token.trim() } }
    const context = { ...config.contexts[0].context, user: 'operator', namespace: own }
    const contexts = [{ name: 'operator', context }]
    await writeFile(
      kubeconfig,
      JSON.stringify({ ...config, users: [user], contexts, 'current-context': 'operator' }),
      { mode: 0o600 },
    )
    const asOperator = (...args: string[]) =>
      tryKubectl(['--kubeconfig', kubeconfig, '--context', 'operator', ...args])
    expect((await asOperator('get', 'consumergroups')).exitCode).to.equal(0)
    expect((await asOperator('get', 'secrets')).stderr).to.contain('forbidden')
    const replay = JSON.stringify(replayOf(own, 'own', { group: 'point', from: { earliest: true } }))
    const made = await tryKubectl(
      ['--kubeconfig', kubeconfig, '--context', 'operator', 'create', '--filename', '-'],
      replay,
    )
    expect(made.stderr).to.contain('cannot create resource "replays"')
  })

  it('has resources that users may read or change if they may view or edit the namespace', async () => {
    const namespace = await makeNamespace('people')
    try {
      for (const role of ['view', 'edit']) {
        const metadata = { name: role, namespace }
        await apply({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `boxoffice-${role}` },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `${role}er` }],
        })
      }
      expect(await can(['list', 'consumergroups.boxoffice.dev'], namespace, 'viewer')).to.equal(true)
      expect(await can(['create', 'replays.boxoffice.dev'], namespace, 'viewer')).to.equal(false)
      expect(await can(['create', 'replays.boxoffice.dev'], namespace, 'editer')).to.equal(true)
      expect(await can(['delete', 'replays.boxoffice.dev'], namespace, 'editer')).to.equal(true)
      // To remove a finalizer is a patch.
      expect(await can(['patch', 'replays.boxoffice.dev'], namespace, 'editer')).to.equal(false)
      expect(await can(['update', 'replays.boxoffice.dev'], namespace, 'editer')).to.equal(false)
      expect(await can(['create', 'consumergroups.boxoffice.dev'], namespace, 'editer')).to.equal(false)
    } finally {
      await removeNamespace(namespace)
    }
  })

  async function can([verb, resource, ...args]: Right, namespace: string, user = account): Promise<boolean> {
    const command = ['auth', 'can-i', verb, resource, ...args, '--namespace', namespace, '--as', user]
    const { stdout, stderr } = await tryKubectl(command)
    const [answer] = stdout.trim().split('\n')
    if (answer !== 'yes' && answer !== 'no') throw new Error(stderr)
    return answer === 'yes'
  }
})
