/* One member of a stage on the disk: run it, or find that it has been run, or go on where it was interrupted.
 *
 * Its folder holds result.json, result.csv, structure.extxyz and trajectory.extxyz.zst as far as the task gives them, while
 * it runs a `checkpoint`, and, written last, state.json: the fingerprint of everything that went in and the checksum of
 * everything that came out. Whatever instant the process is killed at, either state.json is whole and true, or the member is
 * run again from its last checkpoint. */
#pragma once
#include "study/place.h"

/* Give the options that name numbers of earlier stages their values; those stages must be done.
 *  @return INVALID if one is no number, is of another dimension or out of the option's range, or is needed and was not obtained */
lithia_status member_take_numbers(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                  study_member *member) LITHIA_MUST_USE;
/* The fingerprint: task, options, version, build, and what the inputs are. The members it works on must have theirs. */
lithia_status member_fingerprint(lithia_context *ctx, const struct lithia_study *study, const study_stage *stage,
                                 const study_member *member, char key[65]) LITHIA_MUST_USE;
/* Whether the folder holds this member's finished work, whole; its checksums are then filled in. */
lithia_status member_is_done(lithia_context *ctx, const study_place *place, const study_stage *stage,
                             study_member *member, bool *done) LITHIA_MUST_USE;
/* Run it in a context of its own. @return what the task returns; IO */
lithia_status member_run(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                         const study_stage *stage, study_member *member) LITHIA_MUST_USE;
/* Read a finished member's result back. */
lithia_status member_result(lithia_context *ctx, const study_place *place, const study_stage *stage,
                            const study_member *member, lithia_result **result) LITHIA_MUST_USE;
/* The warnings that came with it, as a list of texts in a new group (`warnings`). */
lithia_status member_warnings(lithia_context *ctx, const study_place *place, const study_stage *stage,
                              const study_member *member, lithia_result **group) LITHIA_MUST_USE;
/* A finished member's result with its options under "options", as lithia_input.origin wants it. */
lithia_status member_origin(lithia_context *ctx, const study_place *place, const study_stage *stage,
                            const study_member *member, lithia_result **result) LITHIA_MUST_USE;
