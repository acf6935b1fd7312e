import { describe, expect, it, test } from 'vitest';
import type { OrderDraft } from './draft';
import { EMPTY_DRAFT, fieldsOf, isUntouched, needsSide, OTHER_PATIENT, problemsOf, toOrder, wantedExam, withContrast, withExam, withModality } from './draft';
import { patientIdOf } from './patient-id';

const TODAY = '2026-03-02';
const PATIENT = { id: 'p', mrn: 'MRN-1', name: 'Doe^John', birthDate: '1980-05-17', sex: 'M' as const, issuerOfPatientId: '' };

const xray = (change: Partial<OrderDraft> = {}): OrderDraft => ({ ...EMPTY_DRAFT, patient: PATIENT, modality: 'XRAY', studyType: 'Chest X-Ray PA and Lateral', bodyPart: 'CHEST', indication: 'Cough', ...change });
const ct = (change: Partial<OrderDraft> = {}) => ({ ...withExam(withModality(xray(), 'CT'), 'CT Chest (PE protocol)'), allergy: 'no' as const, ...change });
const mri = (change: Partial<OrderDraft> = {}) => ({
  ...withExam(withModality(xray(), 'MRI'), 'MRI Brain'),
  mri: { pacemaker: 'no', metallicImplants: 'no', cochlearImplants: 'no', aneurysmClips: 'no', claustrophobia: 'no' } as const,
  ...change,
});

describe('an order', () => {
  test.each([
    ['X-ray', xray()],
    ['CT with contrast', ct()],
    ['MRI', mri()],
  ])('of a complete form has no problem: %s', (_, draft) => {
    expect(problemsOf(draft, TODAY)).toEqual({});
  });

  test.each<[string, OrderDraft, string]>([
    ['no patient', xray({ patient: null }), 'patient'],
    ['no reason', xray({ indication: ' ' }), 'indication'],
    ['no side of a knee', xray({ studyType: 'X-Ray Knee', bodyPart: 'KNEE' }), 'laterality'],
    ['contrast without the question of allergy', ct({ allergy: '' }), 'allergy'],
    ['an allergy without what happened', ct({ allergy: 'yes' }), 'allergyDetail'],
    ['a creatinine in words', ct({ creatinine: 'normal' }), 'creatinine'],
    ['a creatinine in µmol/L', ct({ creatinine: '90' }), 'creatinine'],
    ['MRI without its five questions', mri({ mri: { pacemaker: 'no' } }), 'mri'],
    ['a pacemaker without its kind', mri({ mri: { ...mri().mri, pacemaker: 'yes' } }), 'mriDetail'],
    ['a day that is over', xray({ date: '2026-03-01' }), 'date'],
    ['a time without a day', xray({ time: '09:00' }), 'time'],
    ['a time that is none', xray({ date: TODAY, time: '25:00' }), 'time'],
    ['a new patient who is not born', xray({ isNewPatient: true, patient: null, family: 'Doe', mrn: '1', sex: 'F', birthDate: '2027-01-01' }), 'birthDate'],
  ])('is refused with %s', (_, draft, field) => {
    expect(Object.keys(problemsOf(draft, TODAY))).toEqual([field]);
  });

  it('that doubles another needs a confirmation', () => {
    expect([problemsOf(xray(), TODAY, [{ id: 'o' }]), problemsOf(xray({ knownDuplicates: ['o'] }), TODAY, [{ id: 'o' }])]).toEqual([{ duplicates: expect.any(String) }, {}]);
  });
});

it('for another patient asks all anew that was answered for the first: allergy, kidneys, metal', () => {
  const contrast = ct({ allergy: 'yes', allergyDetail: 'urticaria 2019', creatinine: '0.9', creatinineDate: '2026-02-27' });

  expect(Object.keys(problemsOf({ ...contrast, ...OTHER_PATIENT, patient: PATIENT }, TODAY))).toEqual(['allergy']);
  expect(JSON.stringify(toOrder({ ...contrast, ...OTHER_PATIENT }, 'p', 'e'))).not.toMatch(/urticaria|0\.9/);
  expect(Object.keys(problemsOf({ ...mri(), ...OTHER_PATIENT, patient: PATIENT }, TODAY))).toEqual(['mri']);
});

describe('an exam of the list', () => {
  it('brings its body part and its contrast', () => {
    expect(ct()).toMatchObject({ bodyPart: 'CHEST', contrastRequired: true, contrastType: 'IODINE' });
  });

  it('loses them with another modality', () => {
    expect(withModality(ct(), 'USG')).toMatchObject({ studyType: '', bodyPart: '', contrastRequired: false, contrastType: '' });
  });

  it('takes the contrast of its modality', () => {
    expect(withContrast(mri(), true).contrastType).toBe('GADOLINIUM');
  });
});

test.each([
  ['KNEE', true],
  ['Shoulder', true],
  ['CHEST', false],
])('%s needs a side: %s', (bodyPart, isSided) => {
  expect(needsSide({ modality: 'XRAY', studyType: 'X-Ray', bodyPart })).toBe(isSided);
});

describe('what the screening is held against', () => {
  it('is what was answered on contrast, apart from the free text', () => {
    const order = toOrder(ct({ allergy: 'yes', allergyDetail: 'urticaria 2019', creatinine: '1,1', creatinineDate: '2026-02-27', instructions: 'Brings own oxygen' }), 'p', 'e');

    expect(order.statedSafety).toEqual({ contrast: { allergyToContrast: 'yes', allergyDetail: 'urticaria 2019', creatinineMgPerDl: 1.1, creatinineMeasuredOn: '2026-02-27' }, mri: null });
    expect(order.specialInstructions).toBe('Brings own oxygen');
  });

  it('is what was answered on the magnet', () => {
    const order = toOrder(mri({ contrastRequired: false, mri: { ...mri().mri, pacemaker: 'yes' }, mriDetail: 'since 2020, MR conditional' }), 'p', 'e');

    expect(order.statedSafety).toEqual({ contrast: null, mri: { ...mri().mri, pacemaker: 'yes', detail: 'since 2020, MR conditional' } });
  });

  it('is nothing of what was typed to an answer that was taken back, or of a day without a value', () => {
    const order = toOrder({ ...mri(), ...withContrast(mri(), true), allergyDetail: 'urticaria 2019', creatinineDate: '2026-02-27', mriDetail: 'since 2020' }, 'p', 'e');

    expect(order.statedSafety).toMatchObject({ contrast: { allergyToContrast: null, allergyDetail: '', creatinineMgPerDl: null, creatinineMeasuredOn: null }, mri: { detail: '' } });
  });

  it('is nothing where nobody is asked', () => {
    expect([toOrder(xray(), 'p', 'e').statedSafety, toOrder(ct({ contrastRequired: false }), 'p', 'e').statedSafety]).toEqual([null, null]);
  });
});

describe('what is sent', () => {
  it('says that allergy and creatinine were looked after only when they were', () => {
    expect([toOrder(ct({ creatinine: '0.9' }), 'p', 'e'), toOrder(ct({ allergy: 'unknown' }), 'p', 'e')]).toMatchObject([
      { contrastAllergyChecked: true, creatinineChecked: true },
      { contrastAllergyChecked: false, creatinineChecked: false },
    ]);
  });

  it('names no contrast when the modality has none', () => {
    expect(toOrder({ ...xray(), contrastRequired: true, contrastType: 'IODINE' }, 'p', 'e')).toMatchObject({ contrastRequired: false, contrastType: null });
  });

  it('writes a new patient as DICOM does', () => {
    const draft = xray({ isNewPatient: true, patient: null, family: 'Doe', given: 'Jane', mrn: ' 7 ', birthDate: '1990-01-01', sex: 'F' });

    expect(toOrder(draft, 'id', 'e').patient).toEqual({ id: 'id', mrn: '7', name: 'Doe^Jane', birthDate: '1990-01-01', sex: 'F' });
  });
});

it('shows the word of the server at the field that it means', () => {
  expect(fieldsOf([{ field: 'patient.name', message: 'too long' }, { field: 'encounterId', message: 'wrong' }])).toEqual({ family: 'too long' });
  expect(fieldsOf([{ field: 'statedSafety.contrast.creatinineMgPerDl', message: 'too high' }])).toEqual({ creatinine: 'too high' });
});

it('is untouched until somebody writes', () => {
  expect([isUntouched(EMPTY_DRAFT), isUntouched({ ...EMPTY_DRAFT, orderingProviderId: 'me' }), isUntouched(xray())]).toEqual([true, true, false]);
});

describe('whether an exam is ordered already', () => {
  it('is asked for a patient of the list with number and issuer', () => {
    expect(wantedExam(xray({ patient: { ...PATIENT, issuerOfPatientId: 'HOSPITAL' } }))).toEqual({ mrn: 'MRN-1', issuerOfPatientId: 'HOSPITAL', modality: 'XRAY', studyType: 'Chest X-Ray PA and Lateral', bodyPart: 'CHEST' });
  });

  it('is asked for a new patient by the number that was typed', () => {
    expect(wantedExam(xray({ isNewPatient: true, patient: null, mrn: ' 7 ' }))).toMatchObject({ mrn: '7', issuerOfPatientId: '' });
  });

  test.each<[string, Partial<OrderDraft>]>([
    ['the patient', { patient: null }],
    ['the number of a new patient', { isNewPatient: true }],
    ['the method', { modality: null }],
    ['the body part', { bodyPart: ' ' }],
  ])('is not asked before %s is known', (_, change) => {
    expect(wantedExam(xray(change))).toBeNull();
  });
});

it('gives a typed patient the id of the number', async () => {
  expect(await patientIdOf('MRN-1')).toBe(await patientIdOf(' MRN-1 '));
  expect(await patientIdOf('MRN-1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
