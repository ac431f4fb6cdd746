import type { ComponentChildren } from 'preact'
import type { Data } from '../live/use-data.ts'

/** What a screen shows while it has nothing yet, when it cannot get it, and else. */
export function Loaded<Answer>({
  of,
  what,
  children,
}: {
  readonly of: Data<Answer>
  readonly what: string
  readonly children: (data: Answer) => ComponentChildren
}) {
  return (
    <>
      {of.error !== undefined && <Problem text={`${what} cannot be shown: ${of.error}`} retry={of.reload} />}
      {of.data !== undefined ? children(of.data) : of.error === undefined && <Loading what={what} />}
    </>
  )
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="state" role="status">
      <span class="spinner" aria-hidden="true" /> Reading {what.toLowerCase()} …
    </p>
  )
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="state empty">{children}</p>
}

export function Problem({ text, retry }: { readonly text: string; readonly retry?: () => void }) {
  return (
    <p class="state problem" role="alert">
      {text}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </p>
  )
}
