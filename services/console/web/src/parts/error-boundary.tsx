import { Component, type ComponentChildren } from 'preact'
import { textOf } from '../live/api.ts'

interface Props {
  /** The name of the content: an error is shown until it changes. */
  readonly shown: string
  readonly children: ComponentChildren
}

interface State {
  readonly failure?: { readonly shown: string; readonly error: unknown }
}

/** Shows its content, or a message if the content cannot be drawn. */
export class ErrorBoundary extends Component<Props, State> {
  override componentDidCatch(error: unknown): void {
    // For developers: the page has no other log.
    console.error(error)
    this.setState({ failure: { shown: this.props.shown, error } })
  }

  override render({ shown, children }: Props, { failure }: State) {
    if (failure?.shown !== shown) return children
    return (
      <p class="state problem" role="alert">
        This cannot be shown because of a defect of the page: {textOf(failure.error)}
        <button type="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </p>
    )
  }
}
