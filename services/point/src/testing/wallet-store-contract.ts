import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { chargePoints, type LedgerEntry, refundPoints, usePoints, type Wallet } from '../domain/wallet.ts'
import { record, recordEntry } from '../storage/locked-wallets.ts'
import type { WalletStore } from '../storage/wallet-store.ts'

/** A store that is open, with an empty ledger. */
export interface OpenStore<Tx> {
  readonly store: WalletStore<Tx>
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  /** Inserts a wallet without points. */
  insertWallet(userId: string): Promise<void>
  /** A user's ledger, oldest first. */
  ledgerOf(userId: string): Promise<readonly Pick<LedgerEntry, 'kind' | 'amount' | 'balance'>[]>
  close(): Promise<void>
}

/** The contract suite of wallet stores, on PostgreSQL and in memory. */
export function walletStoreContract<Tx>(name: string, open: () => Promise<OpenStore<Tx>>): void {
  describe(`the store of wallets ${name}`, () => {
    let opened: OpenStore<Tx>
    let wallet: Wallet
    const request = (amount = 60n) => ({ paymentId: randomUUID(), userId: wallet.userId, amount })
    const locked = (paymentId: string) =>
      opened.transaction((tx) => opened.store.lock(tx, [wallet.userId], [paymentId]))

    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    beforeEach(async () => {
      const userId = randomUUID()
      await opened.insertWallet(userId)
      await opened.transaction(async (tx) => {
        const found = await opened.store.lock(tx, [userId], [])
        recordEntry(found, randomUUID(), chargePoints({ userId, balance: 0n }, 100n) as LedgerEntry)
        await opened.store.save(tx, found)
      })
      wallet = { userId, balance: 100n }
    })

    it('finds the wallets and debits with the given ids, and no others', async () => {
      const { paymentId } = request()
      const [other, found] = [randomUUID(), await locked(paymentId)]
      expect([...found.wallets.values()]).to.deep.equal([wallet])
      expect(found.debits.size).to.equal(0)
      const unknown = await opened.transaction((tx) => opened.store.lock(tx, [other], [paymentId]))
      expect(unknown.wallets.size).to.equal(0)
    })

    it('stores balance, decision and ledger row of a debit and of its refund', async () => {
      const asked = request()
      await decide(usePoints, asked)
      const debited = await locked(asked.paymentId)
      expect(debited.wallets.get(wallet.userId)?.balance).to.equal(40n)
      expect(debited.debits.get(asked.paymentId)).to.deep.equal({ ...asked, refusal: null, refunded: null })
      await decide(refundPoints, asked)
      const refunded = await locked(asked.paymentId)
      expect(refunded.wallets.get(wallet.userId)?.balance).to.equal(100n)
      expect(refunded.debits.get(asked.paymentId)).to.deep.equal({ ...asked, refusal: null, refunded: 60n })
      expect(await opened.ledgerOf(wallet.userId)).to.deep.equal([
        { kind: 'CHARGE', amount: 100n, balance: 100n },
        { kind: 'DEBIT', amount: 60n, balance: 40n },
        { kind: 'REFUND', amount: 60n, balance: 100n },
      ])
    })

    it('stores a refusal, which moves no points', async () => {
      const asked = request(101n)
      await decide(usePoints, asked)
      const { wallets, debits } = await locked(asked.paymentId)
      expect(wallets.get(wallet.userId)).to.deep.equal(wallet)
      expect(debits.get(asked.paymentId)?.refusal).to.equal('INSUFFICIENT_POINTS')
      expect(await opened.ledgerOf(wallet.userId)).to.have.length(1)
    })

    it('keeps nothing of a transaction that fails', async () => {
      const asked = request()
      const failed = opened.transaction(async (tx) => {
        await decideIn(tx, usePoints, asked)
        throw new Error('the disk is full')
      })
      expect(await failed.catch(String)).to.contain('the disk is full')
      const { wallets, debits } = await locked(asked.paymentId)
      expect([wallets.get(wallet.userId), debits.size]).to.deep.equal([wallet, 0])
    })

    it('writes nothing when nothing was recorded', async () => {
      await opened.transaction(async (tx) =>
        opened.store.save(tx, await opened.store.lock(tx, [wallet.userId], [])),
      )
      expect(await opened.ledgerOf(wallet.userId)).to.have.length(1)
    })

    it('inserts the wallets that are missing, and leaves the others as they are', async () => {
      const { userId } = wallet
      const other = randomUUID()
      await opened.transaction((tx) => opened.store.insert(tx, [userId, other, other]))
      const { wallets } = await opened.transaction((tx) => opened.store.lock(tx, [userId, other], []))
      expect([wallets.get(userId)?.balance, wallets.get(other)?.balance]).to.deep.equal([100n, 0n])
    })

    it('finds ledger rows by their transactions, with the times that the store gave them', async () => {
      const { userId } = wallet
      const transactionId = randomUUID()
      const times = await opened.transaction(async (tx) => {
        const found = await opened.store.lock(tx, [userId], [])
        recordEntry(found, transactionId, chargePoints(wallet, 5n) as LedgerEntry)
        return await opened.store.saveTimed(tx, found)
      })
      const ids = [transactionId, randomUUID()]
      const rows = await opened.transaction((tx) => opened.store.findEntries(tx, ids))
      expect([...rows.keys()]).to.deep.equal([transactionId])
      const { kind, amount, balance, createdAt } = rows.get(transactionId) ?? {}
      const time = times.get(transactionId)
      expect({ kind, amount, balance }).to.deep.equal({ kind: 'CHARGE', amount: 5n, balance: 105n })
      expect(createdAt?.getTime()).to.equal(time?.getTime())
    })

    it('refuses a second debit of a payment, and a balance below zero', async () => {
      const asked = request(10n)
      await decide(usePoints, asked)
      const again = { userId: wallet.userId, kind: 'DEBIT', amount: 10n, paymentId: asked.paymentId } as const
      expect(await enter({ ...again, balance: 80n }).catch(() => 'refused')).to.equal('refused')
      const tooMuch = { ...again, paymentId: randomUUID(), balance: -1n }
      expect(await enter(tooMuch).catch(() => 'refused')).to.equal('refused')
      expect((await locked(asked.paymentId)).wallets.get(wallet.userId)?.balance).to.equal(90n)
    })

    async function decideIn(
      tx: Tx,
      rule: typeof usePoints,
      asked: ReturnType<typeof request>,
    ): Promise<void> {
      const { userId, paymentId } = asked
      const found = await opened.store.lock(tx, [userId], [paymentId])
      const decision = rule(found.wallets.get(userId), found.debits.get(paymentId), asked)
      record(found, randomUUID(), decision)
      await opened.store.save(tx, found)
    }

    function decide(rule: typeof usePoints, asked: ReturnType<typeof request>): Promise<void> {
      return opened.transaction((tx) => decideIn(tx, rule, asked))
    }

    function enter(entry: LedgerEntry): Promise<void> {
      return opened.transaction(async (tx) => {
        const found = await opened.store.lock(tx, [entry.userId], [])
        recordEntry(found, randomUUID(), entry)
        await opened.store.save(tx, found)
      })
    }
  })
}
