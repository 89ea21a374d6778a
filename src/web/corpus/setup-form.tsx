import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { countOf, emotions as workbenchEmotions, formatCount, type Sex } from '../../core/base';
import {
  type CorpusSetup,
  promptCount,
  setupLimits,
  type SetupProblem,
  setupProblems,
  type Speaker,
  tidySetup,
  otherLabels,
} from './setup';

/** Fields as typed: lists are texts with one item per line. */
interface Draft extends Omit<CorpusSetup, 'emotions' | 'sentences'> {
  emotions: readonly string[];
  ownEmotions: string;
  sentences: string;
}

function draftOf(setup: CorpusSetup): Draft {
  const known = workbenchEmotions as readonly string[];
  return {
    ...setup,
    speakers: setup.speakers.length > 0 ? setup.speakers : [{ name: '' }],
    emotions: setup.emotions.filter((label) => known.includes(label)),
    ownEmotions: setup.emotions.filter((label) => !known.includes(label)).join(', '),
    sentences: setup.sentences.join('\n'),
  };
}

function setupOf({ ownEmotions, sentences, emotions, ...draft }: Draft): CorpusSetup {
  const chosen = workbenchEmotions.filter((emotion) => emotions.includes(emotion));
  return tidySetup({
    ...draft,
    emotions: [...chosen, ...ownEmotions.split(/[,;\n]/)],
    sentences: sentences.split('\n'),
  });
}

/** The form that creates or changes a corpus. Problems are shown after the first attempt to save. */
export function SetupForm({
  setup: initial,
  isNew,
  onSave,
  onCancel,
}: {
  setup: CorpusSetup;
  isNew: boolean;
  onSave: (setup: CorpusSetup) => void;
  onCancel: (() => void) | undefined;
}) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(initial));
  const [isChecked, setChecked] = useState(false);
  const setup = setupOf(draft);
  const problems = isChecked ? setupProblems(setup) : [];
  const { classes, leftOut } = otherLabels(setup);
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const [first] = setupProblems(setup);
    setChecked(true);
    if ((first as SetupProblem | undefined) === undefined) onSave(setup);
    else document.getElementById(`corpus-${first.field}`)?.focus();
  };
  return (
    <form class="card stack corpus-setup" noValidate onSubmit={submit}>
      <h2>{isNew ? 'New corpus' : `Setup of ${initial.name}`}</h2>
      <Field
        name="name"
        label="Name of the corpus"
        hint="Use the same name on all devices of a class, so that their archives are merged."
        problems={problems}
      >
        {(described) => (
          <input
            id="corpus-name"
            type="text"
            value={draft.name}
            placeholder="class-7b"
            autocomplete="off"
            {...described}
            onInput={({ currentTarget }) => {
              change({ name: currentTarget.value });
            }}
          />
        )}
      </Field>
      <SpeakerFields
        speakers={draft.speakers}
        problems={problems}
        onChange={(speakers) => {
          change({ speakers });
        }}
      />
      <fieldset>
        <legend>Emotions</legend>
        <div class="row">
          {workbenchEmotions.map((emotion) => (
            <label key={emotion} class="check">
              <input
                type="checkbox"
                checked={draft.emotions.includes(emotion)}
                onChange={({ currentTarget }) => {
                  const others = draft.emotions.filter((other) => other !== emotion);
                  change({ emotions: currentTarget.checked ? [...others, emotion] : others });
                }}
              />
              {emotion}
            </label>
          ))}
        </div>
        <Field name="emotions" label="Other labels, separated by commas" problems={problems}>
          {(described) => (
            <input
              id="corpus-emotions"
              type="text"
              value={draft.ownEmotions}
              autocomplete="off"
              {...described}
              onInput={({ currentTarget }) => {
                change({ ownEmotions: currentTarget.value });
              }}
            />
          )}
        </Field>
        {classes.length > 0 && (
          <p class="message">
            {classes.length === 1 ? 'A class of its own' : 'Classes of their own'}: {classes.join(', ')}. The
            file labels.json in the archive maps labels to classes.
          </p>
        )}
        {leftOut.length > 0 && (
          <p class="message warning">
            Left out when the corpus is loaded: {leftOut.join(', ')}. A class has at most 40 letters, digits,
            spaces, +, - and _, and is not called unsure or silence.
          </p>
        )}
      </fieldset>
      <Field name="sentences" label="Sentences, one per line" problems={problems}>
        {(described) => (
          <textarea
            id="corpus-sentences"
            rows={4}
            value={draft.sentences}
            {...described}
            onInput={({ currentTarget }) => {
              change({ sentences: currentTarget.value });
            }}
          />
        )}
      </Field>
      <div class="row corpus-numbers">
        <Field name="takes" label="Takes of each sentence" problems={problems}>
          {(described) => (
            <input
              id="corpus-takes"
              type="number"
              min={setupLimits.takes.min}
              max={setupLimits.takes.max}
              value={Number.isNaN(draft.takes) ? '' : draft.takes}
              {...described}
              onInput={({ currentTarget }) => {
                change({ takes: currentTarget.valueAsNumber });
              }}
            />
          )}
        </Field>
        <label class="field">
          <span>Order of the prompts</span>
          <select
            value={draft.order}
            onChange={({ currentTarget }) => {
              change({ order: currentTarget.value as CorpusSetup['order'] });
            }}
          >
            <option value="fixed">One emotion after the other</option>
            <option value="shuffled">Shuffled</option>
          </select>
        </label>
        {draft.order === 'shuffled' && (
          <Field name="seed" label="Seed of the order" problems={problems}>
            {(described) => (
              <input
                id="corpus-seed"
                type="number"
                step={1}
                value={Number.isNaN(draft.seed) ? '' : draft.seed}
                {...described}
                onInput={({ currentTarget }) => {
                  change({ seed: currentTarget.valueAsNumber });
                }}
              />
            )}
          </Field>
        )}
      </div>
      <p class="quiet" role="status">
        {describeCount(setup)}
      </p>
      <div class="row">
        <button type="submit" class="primary">
          {isNew ? 'Create the corpus' : 'Save the setup'}
        </button>
        {onCancel && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

function describeCount(setup: CorpusSetup): string {
  const { speakers, emotions, sentences, takes } = setup;
  const each = promptCount({ ...setup, speakers: [{ name: '' }] });
  const count = promptCount(setup);
  if (!Number.isInteger(takes)) return 'Number of recordings: not yet known.';
  // About 8 s for a recording, with reading, listening and deciding.
  const minutes = Math.max(1, Math.round((each * 8) / 60));
  return `${countOf(emotions.length, 'emotion')} × ${countOf(sentences.length, 'sentence')} × ${countOf(takes, 'take')}: ${countOf(each, 'recording')}, about ${countOf(minutes, 'minute')}, for each speaker; ${formatCount(count)} in all for ${countOf(speakers.length, 'speaker')}.`;
}

function SpeakerFields({
  speakers,
  problems,
  onChange,
}: {
  speakers: readonly Speaker[];
  problems: readonly SetupProblem[];
  onChange: (speakers: Speaker[]) => void;
}) {
  const replace = (index: number, speaker: Speaker): void => {
    onChange(speakers.map((other, i) => (i === index ? speaker : other)));
  };
  const own = problems.find(({ field }) => field === 'speakers');
  return (
    <fieldset>
      <legend>Speakers on this device</legend>
      <p class="quiet small" id="corpus-speakers-hint">
        A code such as S1, different for every person of the class; not a full name.
      </p>
      {speakers.map((speaker, index) => (
        <div class="row speaker" key={index}>
          <input
            id={index === 0 ? 'corpus-speakers' : undefined}
            type="text"
            aria-label={`Code of speaker ${index + 1}`}
            aria-describedby={own ? 'corpus-speakers-problem' : 'corpus-speakers-hint'}
            aria-invalid={own !== undefined}
            placeholder={`S${index + 1}`}
            autocomplete="off"
            value={speaker.name}
            onInput={({ currentTarget }) => {
              replace(index, { ...speaker, name: currentTarget.value });
            }}
          />
          <select
            aria-label={`Sex of speaker ${index + 1} (optional)`}
            value={speaker.sex ?? ''}
            onChange={({ currentTarget }) => {
              const { value } = currentTarget;
              replace(index, { name: speaker.name, ...(value !== '' && { sex: value as Sex }) });
            }}
          >
            <option value="">sex not stated</option>
            <option value="female">female</option>
            <option value="male">male</option>
          </select>
          {speakers.length > 1 && (
            <button
              type="button"
              class="link"
              onClick={() => {
                onChange(speakers.filter((_, i) => i !== index));
              }}
            >
              Remove<span class="visually-hidden"> speaker {speaker.name || index + 1}</span>
            </button>
          )}
        </div>
      ))}
      {own && (
        <p class="message error" id="corpus-speakers-problem">
          {own.message}
        </p>
      )}
      <button
        type="button"
        onClick={() => {
          onChange([...speakers, { name: '' }]);
        }}
      >
        Add a speaker
      </button>
    </fieldset>
  );
}

/** A labelled control with a hint and the problem of its field. */
function Field({
  name,
  label,
  hint,
  problems,
  children,
}: {
  name: SetupProblem['field'];
  label: string;
  hint?: string;
  problems: readonly SetupProblem[];
  children: (described: {
    'aria-invalid': boolean;
    'aria-describedby': string | undefined;
  }) => ComponentChildren;
}) {
  const problem = problems.find(({ field }) => field === name);
  const ids = [hint && `corpus-${name}-hint`, problem && `corpus-${name}-problem`].filter(Boolean);
  return (
    <div class="field">
      <label for={`corpus-${name}`}>{label}</label>
      {children({
        'aria-invalid': problem !== undefined,
        'aria-describedby': ids.length > 0 ? ids.join(' ') : undefined,
      })}
      {hint !== undefined && (
        <p class="quiet small" id={`corpus-${name}-hint`}>
          {hint}
        </p>
      )}
      {problem && (
        <p class="message error" id={`corpus-${name}-problem`}>
          {problem.message}
        </p>
      )}
    </div>
  );
}
