import {
  createSaga,
  type Decision,
  type SagaStep,
  type SagaStore,
  type Timer,
  type Wakeups,
} from '../index.ts'

/** A book on loan: a saga with one question, which is put again, and a deadline. */
export interface Loan {
  readonly loanId: string
  readonly status: 'LENT' | 'RETURNED' | 'LOST'
  readonly reminders: number
  readonly dueMs: number
}

export interface LoanStep extends SagaStep {
  readonly type: 'RETURNED' | 'LOST' | 'REMINDER_DUE' | 'DEADLINE_PASSED'
}

const remindAfterMs = 100
const loanMs = 250

interface LoanRow extends Loan {
  readonly remindAtMs: number | null
}

interface Tables {
  readonly loans: Map<string, LoanRow>
  readonly outbox: string[]
  readonly history: string[]
}

/** Loans in memory, with transactions: what is not committed is gone. */
export interface Library extends Tables {
  clockMs: number
  /** What was locked, and how many loans were saved, by transaction. */
  readonly locks: (readonly string[])[]
  readonly saves: number[]
  lend(...loanIds: readonly string[]): void
  transaction<Result>(work: (tx: Tables) => Promise<Result>): Promise<Result>
  view(): { readonly outbox: readonly string[]; readonly states: readonly string[] }
  readonly reminders: Timer<Tables, string, LoanStep>
  readonly deadlines: Timer<Tables, string, LoanStep>
}

export function openLibrary(): Library {
  let tables: Tables = { loans: new Map(), outbox: [], history: [] }
  const library: Library = {
    clockMs: 0,
    locks: [],
    saves: [],
    get loans() {
      return tables.loans
    },
    get outbox() {
      return tables.outbox
    },
    get history() {
      return tables.history
    },
    lend(...loanIds) {
      for (const loanId of loanIds) {
        const loan = { loanId, status: 'LENT', reminders: 0, dueMs: loanMs } as const
        tables.loans.set(loanId, { ...loan, remindAtMs: remindAfterMs })
      }
    },
    async transaction(work) {
      const draft = {
        loans: new Map(tables.loans),
        outbox: [...tables.outbox],
        history: [...tables.history],
      }
      const result = await work(draft)
      tables = draft
      return result
    },
    view: () => ({
      outbox: tables.outbox,
      states: [...tables.loans.values()].map(({ loanId, status }) => `${loanId} ${status}`),
    }),
    reminders: timer('REMINDER_DUE', ({ remindAtMs }) => remindAtMs),
    deadlines: timer('DEADLINE_PASSED', ({ status, dueMs }) => (status === 'LENT' ? dueMs : null)),
  }

  function timer(
    type: LoanStep['type'],
    timeOf: (row: LoanRow) => number | null,
  ): Timer<Tables, string, LoanStep> {
    return {
      batchSizeMax: 2,
      async lockDue({ loans }, limit) {
        const due = [...loans.values()].filter((row) => (timeOf(row) ?? Infinity) <= library.clockMs)
        return due.slice(0, limit).map(({ loanId }) => loanId)
      },
      stepOf: (sagaId) => ({ sagaId, type }),
    }
  }
  return library
}

export function createLoans(library: Library, notify: (changed: readonly Loan[]) => void) {
  const store: SagaStore<Tables, Loan> = {
    async lock({ loans }, sagaIds) {
      library.locks.push(sagaIds)
      const known = sagaIds.flatMap((sagaId) => loans.get(sagaId) ?? [])
      return {
        states: new Map(known.map(({ remindAtMs: _, ...loan }) => [loan.loanId, loan])),
        now: new Date(library.clockMs),
      }
    },
    async save({ loans, history }, states, transitions) {
      library.saves.push(states.length)
      for (const { state, wakeups } of states) {
        const { askAgainInMs } = wakeups
        const remindAtMs = askAgainInMs === null ? null : library.clockMs + askAgainInMs
        loans.set(state.loanId, { ...state, remindAtMs })
      }
      history.push(...transitions.map(({ loanId, status }) => `${loanId} ${status}`))
    },
  }
  return createSaga<Tables, Loan, LoanStep, string>({
    name: 'loan',
    decide,
    store,
    transaction: (work) => library.transaction(work),
    async append({ outbox }, outputs) {
      outbox.push(...outputs)
    },
    notify,
  })
}

function decide(loan: Loan, { type }: LoanStep, now: Date): Decision<Loan, string> {
  const isOpen = loan.status === 'LENT'
  const over: Wakeups = { askAgainInMs: null, giveUpInMs: null }
  switch (type) {
    case 'RETURNED':
      if (!isOpen) return { type: 'UNCHANGED', state: loan }
      return end(loan, 'RETURNED', `thank ${loan.loanId}`)
    case 'LOST':
    case 'DEADLINE_PASSED':
      if (loan.status === 'RETURNED')
        return { type: 'CONTRADICTION', state: loan, why: 'a book that is back cannot be lost' }
      if (!isOpen) return { type: 'UNCHANGED', state: loan }
      return end(loan, 'LOST', `bill ${loan.loanId}`)
    case 'REMINDER_DUE': {
      if (!isOpen) return { type: 'UNCHANGED', state: loan }
      const reminders = loan.reminders + 1
      const wakeups = {
        askAgainInMs: remindAfterMs * 2 ** reminders,
        giveUpInMs: loan.dueMs - now.getTime(),
      }
      return {
        type: 'ASKED_AGAIN',
        state: { ...loan, reminders },
        outputs: [`remind ${loan.loanId}`],
        wakeups,
      }
    }
  }

  function end(from: Loan, status: Loan['status'], output: string): Decision<Loan, string> {
    return { type: 'CHANGED', state: { ...from, status }, outputs: [output], wakeups: over }
  }
}
