/* What every part of the reader of force-field files uses: values of YAML nodes, and errors with their place. */
#pragma once
#include "io/yaml_tree.h"
#include "potential/forcefield_data.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>

typedef struct {
    lithia_forcefield *ff;
    lithia_context *ctx;
    bool has_version, has_units;
    const yaml_node *key; /* the last key met: the place of values that have none, such as empty ones */
} forcefield_reader;

/* Fails at a node; the message is freed. */
#define FAIL(reader, node, ...) reader_fail_at(reader, node, lithia_format((reader)->ctx, __VA_ARGS__))
lithia_status reader_fail_at(forcefield_reader *in, const yaml_node *node, char *message);
/* The text of a scalar, the caller's; `what` it is goes into the message. `near` is the place when there is no node. */
lithia_status reader_text(forcefield_reader *in, const yaml_node *near, const yaml_node *node, const char *what, char **text);
lithia_status reader_number(forcefield_reader *in, const yaml_node *near, const yaml_node *node, const char *what,
                            double *value);
/* Fails for a key that is none of the n names, with the nearest. */
lithia_status reader_unknown_key(forcefield_reader *in, const yaml_node *key, const char *word, const char *const names[],
                                 size_t n);
/* Appends the texts of a sequence. */
lithia_status reader_texts(forcefield_reader *in, const yaml_node *key, const yaml_node *node, const char *what,
                           char ***list, size_t *n, size_t *room);
/* Calls one() for every key of a mapping with the key's text. */
typedef lithia_status key_fn(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg);
lithia_status reader_each_key(forcefield_reader *in, const yaml_node *near, const yaml_node *node, const char *what,
                              key_fn *one, void *arg);

/* Parts of a file. */
lithia_status forcefield_shell_read(forcefield_reader *in, const yaml_node *key, const yaml_node *value, forcefield_shell *shell);
/* Makes the shell that was read for a species, if there is one, a species too. */
lithia_status forcefield_shell_add(forcefield_reader *in, const yaml_node *key, size_t core);
lithia_status forcefield_pair_tables(forcefield_reader *in, const yaml_node *key, const yaml_node *node);
lithia_status forcefield_angle_tables(forcefield_reader *in, const yaml_node *key, const yaml_node *node);
lithia_status forcefield_composition_rules(forcefield_reader *in, const yaml_node *key, const yaml_node *node);
lithia_status forcefield_bonds(forcefield_reader *in, const yaml_node *key, const yaml_node *node);
