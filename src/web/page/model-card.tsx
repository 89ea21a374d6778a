import type { LoadedModel } from '../worker/client';
import type { ModelSummary } from '../worker/protocol';
import { countOf, formatPercent } from '../../core/base';

/** The model card: what the model was trained on, how well it scores and under which protocol, and what it must not be used for. */
export function ModelCard({ model }: { model: LoadedModel | undefined }) {
  return (
    <section class="card model-card" aria-labelledby="model-card-title">
      <h2 id="model-card-title">Model card</h2>
      {model === undefined ? (
        <p class="quiet">Loading the model …</p>
      ) : 'reason' in model ? (
        <p class="message error" role="alert">
          The model cannot be used: {model.reason}
        </p>
      ) : (
        <Facts {...model.summary} />
      )}
    </section>
  );
}

/** The most important line of the card, for small screens, where the card is below the page's content. */
export function ScopeLine({ model }: { model: LoadedModel | undefined }) {
  if (!model || !('summary' in model)) return null;
  const { scores, protocolText } = model.summary;
  return (
    <p class="scope-line">
      <strong>{scores.join(', ') || 'No score'}</strong>, {protocolText}. Trained on acted speech; not for
      judging people.{' '}
      <a
        href="#model-card-title"
        onClick={(event) => {
          // The link's fragment would replace the view state.
          event.preventDefault();
          document.getElementById('model-card-title')?.scrollIntoView();
        }}
      >
        Model card
      </a>
    </p>
  );
}

function Facts({
  name,
  members,
  classes,
  trainedOn,
  speakers,
  scores,
  protocolText,
  isLeaky,
  threshold,
  window,
  notFor,
  date,
}: ModelSummary) {
  const clips = trainedOn.reduce((sum, corpus) => sum + corpus.clips, 0);
  return (
    <>
      <p class="lead">
        <strong>{name}</strong>
        {members > 1 && `, an ensemble of ${members} models`}
        {date !== undefined && <span class="quiet">, {date}</span>}
      </p>
      <div class="score">
        <strong>{scores.length > 0 ? scores.join(', ') : 'No score in its card'}</strong>
        <span>
          under the protocol {protocolText}. Guessing: {formatPercent(1 / classes.length)}.
        </span>
        {isLeaky && (
          <span class="message warning">Leaky protocol: the score does not apply to new recordings.</span>
        )}
      </div>
      <dl>
        <dt>Classes</dt>
        <dd>{classes.join(', ')}</dd>
        <dt>Trained on</dt>
        <dd>
          {trainedOn.length > 0 ? trainedOn.map((corpus) => corpus.name).join(', ') : 'not stated'}
          {clips > 0 && ` (${countOf(clips, 'clip')}`}
          {clips > 0 && speakers !== undefined && `, ${countOf(speakers, 'speaker')}`}
          {clips > 0 && ')'}
        </dd>
        <dt>Window</dt>
        <dd>{window.durationSec.toFixed(1)} s of sound for each prediction</dd>
        <dt>Unsure</dt>
        <dd>
          {threshold > 0
            ? `if no class reaches ${formatPercent(threshold)}`
            : 'never: the model has no threshold'}
        </dd>
      </dl>
      {notFor.length > 0 && (
        <section class="not-for">
          <h3>Not for</h3>
          <ul>
            {notFor.map((use) => (
              <li key={use}>{use}</li>
            ))}
          </ul>
          <p>
            The EU AI Act (2024/1689, article 5) bans emotion inference at work and in education, except for
            medical or safety reasons.
          </p>
        </section>
      )}
    </>
  );
}
