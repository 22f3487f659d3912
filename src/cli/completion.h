/* Scripts that complete commands, options and choices in a shell. */
#pragma once
#include "core/text.h"

/* @param shell  "bash", "zsh" or "fish". @return INVALID for another, or NULL */
lithia_status completion_write(lithia_context *ctx, text_page *t, const char *shell) LITHIA_MUST_USE;
