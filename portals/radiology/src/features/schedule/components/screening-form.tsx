import { Alert, Button, Group, Paper, Radio, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { screenPatient } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { creatinineProblem, egfrProblem, labValue } from '@shared/order-entry/lab-value';
import type { MriQuestion, Question } from '@shared/order-entry/stated-safety';
import { MRI_QUESTIONS, safetyWords, statedWords } from '@shared/order-entry/stated-safety';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import type { Difference, YesOrNo } from '../domain/screening';
import { differences, NOT_ANSWERED } from '../domain/screening';
import { NotPassed, ScreeningDecision } from './screening-decision';

const IMPLANTS = ['pacemaker', 'metallicImplants', 'cochlearImplants', 'aneurysmClips'] as const;

/** A gate before the exam: its questions, and for a radiologist the decision where an answer speaks against it. */
export function Screening({ order, mayDecide, onDone }: { order: Order; mayDecide: boolean; onDone: () => void }) {
  const [isAnswering, setAnswering] = useState(false);
  return (
    <Stack gap="md">
      <OrderSays order={order} />
      {mayDecide && !isAnswering && order.screening?.passed === false ? (
        <ScreeningDecision order={order} screening={order.screening} onAnswer={() => setAnswering(true)} onDone={onDone} />
      ) : (
        <ScreeningForm order={order} onDone={onDone} onRefused={() => setAnswering(false)} />
      )}
    </Stack>
  );
}

/** Allergy, kidneys, pregnancy and metal by the answers and words of whoever ordered; nothing where the order says nothing of them. */
function OrderSays({ order }: { order: Order }) {
  const lines = [...statedWords(order), ...safetyWords(order)];
  if (lines.length === 0) return null;
  return (
    <Paper component="section" aria-label="The order says" withBorder p="sm">
      <Title order={3} mb={4}>
        The order says
      </Title>
      {lines.map((line, index) => (
        <Text key={index} size="sm">
          {line}
        </Text>
      ))}
    </Paper>
  );
}

/** Nothing is answered beforehand, so that no answer is given by leaving it alone. */
function ScreeningForm({ order, onDone, onRefused }: { order: Order; onDone: () => void; onRefused: () => void }) {
  const queries = useQueryClient();
  const needsContrast = order.screeningRequired.includes('contrast');
  const needsMri = order.screeningRequired.includes('mri');
  const [allergy, setAllergy] = useState<YesOrNo>('');
  const [allergyDetail, setAllergyDetail] = useState('');
  const [premedicated, setPremedicated] = useState<YesOrNo>('');
  const [metformin, setMetformin] = useState<YesOrNo>('');
  const [creatinine, setCreatinine] = useState('');
  const [egfr, setEgfr] = useState('');
  const [mri, setMri] = useState<Partial<Record<MriQuestion, YesOrNo>>>({});
  const [detail, setDetail] = useState('');
  const [measure, setMeasure] = useState('');
  const [words, setWords] = useState<Partial<Record<Question, string>>>({});

  const kidneyProblems = { creatinine: creatinineProblem(creatinine), egfr: egfrProblem(egfr) };
  const hasKidneyValue = labValue(creatinine) !== null || labValue(egfr) !== null;
  const areKidneysRight = kidneyProblems.creatinine === '' && kidneyProblems.egfr === '' && (order.contrastType === 'ORAL' || hasKidneyValue);
  const isContrastAnswered = !needsContrast || (allergy !== '' && metformin !== '' && (allergy === 'no' || premedicated !== '') && areKidneysRight);
  const isMriAnswered = !needsMri || MRI_QUESTIONS.every(({ id }) => mri[id] !== undefined && mri[id] !== '');

  const differing = differences(order.statedSafety, { ...(needsContrast ? { allergy, creatinine, egfr } : NOT_ANSWERED), mri: needsMri ? mri : {} });
  const isConfirmed = differing.every(({ question }) => (words[question] ?? '').trim() !== '');
  const confirmation = (question: Question) => {
    const difference = differing.find((one) => one.question === question);
    return difference && <Confirmation difference={difference} words={words[question] ?? ''} onChange={(text) => setWords({ ...words, [question]: text })} />;
  };

  const save = useMutation({
    mutationFn: () =>
      screenPatient(order, {
        ...(needsContrast
          ? {
              contrast: {
                allergyToContrast: allergy === 'yes',
                allergyDetail: allergy === 'yes' ? allergyDetail.trim() : '',
                premedicated: premedicated === 'yes',
                metformin: metformin === 'yes',
                creatinineMgPerDl: labValue(creatinine),
                egfrMlPerMin: labValue(egfr),
              },
            }
          : {}),
        ...(needsMri
          ? {
              mri: {
                pacemaker: mri.pacemaker === 'yes',
                metallicImplants: mri.metallicImplants === 'yes',
                cochlearImplants: mri.cochlearImplants === 'yes',
                aneurysmClips: mri.aneurysmClips === 'yes',
                claustrophobia: mri.claustrophobia === 'yes',
                claustrophobiaMeasure: mri.claustrophobia === 'yes' ? measure.trim() : '',
                detail: IMPLANTS.some((key) => mri[key] === 'yes') ? detail.trim() : '',
              },
            }
          : {}),
        confirmations: Object.fromEntries(differing.map(({ question }) => [question, words[question]?.trim()])),
      }),
    onSuccess: (updated) => {
      void queries.invalidateQueries({ queryKey: ['orders'] });
      if (updated.screening?.passed) {
        told('Screening passed');
        onDone();
      } else onRefused();
    },
    onError: (error) => refused(error, 'Not saved'),
  });
  const verdict = save.data?.screening;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        {needsContrast && (
          <section aria-label="Contrast medium">
            <Title order={3} mb="xs">
              Contrast medium ({(order.contrastType ?? 'type not given').toLowerCase()})
            </Title>
            <Stack gap="xs">
              <YesNo label="Allergy to contrast medium" value={allergy} onChange={setAllergy} />
              {confirmation('allergyToContrast')}
              {allergy === 'yes' && (
                <>
                  <TextInput label="Which, and what happened" value={allergyDetail} onChange={(event) => setAllergyDetail(event.currentTarget.value)} />
                  <YesNo label="Premedication given" value={premedicated} onChange={setPremedicated} />
                </>
              )}
              <YesNo label="Takes metformin" value={metformin} onChange={setMetformin} />
              <SimpleGrid cols={2}>
                <TextInput label="Creatinine, mg/dl" inputMode="decimal" error={kidneyProblems.creatinine} value={creatinine} onChange={(event) => setCreatinine(event.currentTarget.value)} />
                <TextInput label="eGFR, ml/min" inputMode="decimal" error={kidneyProblems.egfr} value={egfr} onChange={(event) => setEgfr(event.currentTarget.value)} />
              </SimpleGrid>
              {confirmation('creatinineMgPerDl')}
              {confirmation('egfrMlPerMin')}
            </Stack>
          </section>
        )}
        {needsMri && (
          <section aria-label="Magnet safety">
            <Title order={3} mb="xs">
              Magnet safety
            </Title>
            <Stack gap="xs">
              {MRI_QUESTIONS.map(({ id, label }) => (
                <Fragment key={id}>
                  <YesNo label={label} value={mri[id] ?? ''} onChange={(value) => setMri({ ...mri, [id]: value })} />
                  {confirmation(id)}
                </Fragment>
              ))}
              {mri.claustrophobia === 'yes' && (
                <TextInput label="What is done about claustrophobia" description="Sedation, an open scanner, company, or agreed after a talk" value={measure} onChange={(event) => setMeasure(event.currentTarget.value)} />
              )}
              {IMPLANTS.some((key) => mri[key] === 'yes') && (
                <Textarea label="Which, and since when" description="Model and maker: the radiologist decides by them" autosize minRows={2} value={detail} onChange={(event) => setDetail(event.currentTarget.value)} />
              )}
            </Stack>
          </section>
        )}
        {verdict && !verdict.passed && <NotPassed screening={verdict} />}
        <Group justify="flex-end">
          <Button type="submit" disabled={!isContrastAnswered || !isMriAnswered || !isConfirmed} loading={save.isPending}>
            Save the answers
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Two people answered differently. It is on record which is right, and on whose word. */
function Confirmation({ difference, words, onChange }: { difference: Difference; words: string; onChange: (words: string) => void }) {
  return (
    <Alert role="group" aria-label={`${difference.asked}: differs from the order`} color="orange" icon={<IconAlertTriangle size={18} />} p="xs">
      <Text size="sm" fw={600}>
        The order says: {difference.said}
      </Text>
      <TextInput label="Which is right, and who said so" description="Kept with the answers" required maxLength={255} value={words} onChange={(event) => onChange(event.currentTarget.value)} />
    </Alert>
  );
}

function YesNo({ label, value, onChange }: { label: string; value: YesOrNo; onChange: (value: YesOrNo) => void }) {
  return (
    <Radio.Group label={label} value={value} onChange={(next) => onChange(next as YesOrNo)} required styles={{ root: { display: 'grid', gridTemplateColumns: '1fr auto', alignItems: 'center' } }}>
      <Group gap="md">
        <Radio size="xs" value="no" label="No" />
        <Radio size="xs" value="yes" label="Yes" />
      </Group>
    </Radio.Group>
  );
}
