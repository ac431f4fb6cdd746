import type { Books as BooksAnswer } from '../../../src/contract/answers.ts'
import { count, dateTime, number, points, short } from './format.ts'

/** Shows each invariant in green or red, and where the points are. */
export function Books({ books }: { readonly books: BooksAnswer }) {
  const broken = books.invariants.filter((invariant) => invariant.broken.length > 0).length
  return (
    <section class="card books" aria-labelledby="books">
      <h2 id="books">
        The books
        <span class={broken === 0 ? 'verdict good' : 'verdict bad'}>
          {broken === 0 ? 'all right' : `${broken} broken`}
        </span>
      </h2>
      <ul class="invariants">
        {books.invariants.map(({ id, text, checked, broken: faulty }) => (
          <li key={id} class={faulty.length > 0 ? 'bad' : checked === 0 ? 'unknown' : 'good'}>
            <span>{text}</span>
            <small>
              {faulty.length > 0
                ? faulty.map((name) => <Faulty key={name} id={name} />)
                : checked === 0
                  ? 'nothing to judge yet'
                  : count(checked, id === 'ledger-is-a-chain' ? 'wallet' : 'payment')}
            </small>
          </li>
        ))}
      </ul>
      {books.money !== null && <Money {...books.money} />}
      <p class="quiet">
        Each payment is judged once it is final and all its messages have been read
        {books.waiting > 0 && `; ${number(books.waiting)} in flight`}.
        {books.completeSince !== null &&
          ` The trail is complete since ${dateTime(books.completeSince)}: ${count(books.before, 'payment')} from before ${books.before === 1 ? 'is' : 'are'} not judged.`}
      </p>
    </section>
  )
}

function Faulty({ id }: { readonly id: string }) {
  const isPayment = /^[0-9a-f-]{36}$/.test(id)
  return isPayment ? <a href={`#/payments/${id}`}>{short(id)}</a> : <b>{id}</b>
}

/** A bar that shows where the charged points are now. */
function Money({ charged, inWallets, spent, onTheWay }: NonNullable<BooksAnswer['money']>) {
  const total = Number(charged)
  const parts = [
    ['in wallets', inWallets, 'wallets'],
    ['on their way', onTheWay, 'way'],
    ['paid for tickets', spent, 'spent'],
  ] as const
  if (total === 0) return null
  return (
    <div class="money">
      <div class="bar" aria-hidden="true">
        {parts.map(([text, amount, name]) => (
          <i key={text} class={name} style={{ width: `${(Number(amount) / total) * 100}%` }} />
        ))}
      </div>
      <p>
        <b>{points(charged)}</b> charged ={' '}
        {parts.map(([text, amount, name], index) => (
          <span key={text}>
            {index > 0 && ' + '}
            <i class={`dot ${name}`} aria-hidden="true" /> {number(amount)} {text}
          </span>
        ))}
      </p>
    </div>
  )
}
