/* Asserts the size of every structure of dmo.h and the offset of every field, as published for ABI 1.0 on LP64
 * machines. A failure here means that the header broke plugins that exist: append fields at the end, never move or
 * resize one. */
#include <dmo/dmo.h>

#ifdef __cplusplus
#  define DMO_CHECK(condition) static_assert(condition, #condition)
#else
#  define DMO_CHECK(condition) _Static_assert(condition, #condition)
#endif
#define SIZE(type, bytes)         DMO_CHECK(sizeof(type) == (bytes))
#define FIELD(type, field, bytes) DMO_CHECK(offsetof(type, field) == (bytes))

DMO_CHECK(sizeof(void *) == 8);
DMO_CHECK(sizeof(dmo_status) == 4);

SIZE(dmo_text, 16);
FIELD(dmo_text, data, 0);
FIELD(dmo_text, capacity, 8);

SIZE(dmo_param, 88);
FIELD(dmo_param, id, 0);
FIELD(dmo_param, name, 8);
FIELD(dmo_param, unit, 16);
FIELD(dmo_param, kind, 24);
FIELD(dmo_param, scale, 28);
FIELD(dmo_param, min, 32);
FIELD(dmo_param, max, 40);
FIELD(dmo_param, step, 48);
FIELD(dmo_param, choices, 56);
FIELD(dmo_param, count, 64);
FIELD(dmo_param, columns, 68);
FIELD(dmo_param, periodic, 72);
FIELD(dmo_param, has_initial, 76);
FIELD(dmo_param, initial, 80);

SIZE(dmo_output, 56);
FIELD(dmo_output, id, 0);
FIELD(dmo_output, name, 8);
FIELD(dmo_output, unit, 16);
FIELD(dmo_output, role, 24);
FIELD(dmo_output, count, 28);
FIELD(dmo_output, columns, 32);
FIELD(dmo_output, flags, 36);
FIELD(dmo_output, bound, 40);
FIELD(dmo_output, scale, 48);

SIZE(dmo_spec, 40);
FIELD(dmo_spec, struct_size, 0);
FIELD(dmo_spec, param_size, 4);
FIELD(dmo_spec, output_size, 8);
FIELD(dmo_spec, param_count, 12);
FIELD(dmo_spec, output_count, 16);
FIELD(dmo_spec, reserved, 20);
FIELD(dmo_spec, params, 24);
FIELD(dmo_spec, outputs, 32);

SIZE(dmo_option, 64);
FIELD(dmo_option, kind, 0);
FIELD(dmo_option, required, 4);
FIELD(dmo_option, key, 8);
FIELD(dmo_option, help, 16);
FIELD(dmo_option, unit, 24);
FIELD(dmo_option, default_text, 32);
FIELD(dmo_option, min, 40);
FIELD(dmo_option, max, 48);
FIELD(dmo_option, choices, 56);

SIZE(dmo_host, 56);
FIELD(dmo_host, struct_size, 0);
FIELD(dmo_host, abi_minor, 4);
FIELD(dmo_host, name, 8);
FIELD(dmo_host, version, 16);
FIELD(dmo_host, scratch_dir, 24);
FIELD(dmo_host, threads, 32);
FIELD(dmo_host, reserved, 36);
FIELD(dmo_host, log, 40);
FIELD(dmo_host, extension, 48);

SIZE(dmo_call, 64);
FIELD(dmo_call, struct_size, 0);
FIELD(dmo_call, fidelity, 4);
FIELD(dmo_call, eval_id, 8);
FIELD(dmo_call, seed, 16);
FIELD(dmo_call, x, 24);
FIELD(dmo_call, x_count, 32);
FIELD(dmo_call, cancelled, 40);
FIELD(dmo_call, progress, 48);
FIELD(dmo_call, host_data, 56);

SIZE(dmo_result, 48);
FIELD(dmo_result, struct_size, 0);
FIELD(dmo_result, reserved, 4);
FIELD(dmo_result, y, 8);
FIELD(dmo_result, y_count, 16);
FIELD(dmo_result, message, 24);
FIELD(dmo_result, cost, 40);

SIZE(dmo_problem, 104);
FIELD(dmo_problem, struct_size, 0);
FIELD(dmo_problem, threads, 4);
FIELD(dmo_problem, flags, 8);
FIELD(dmo_problem, option_size, 12);
FIELD(dmo_problem, option_count, 16);
FIELD(dmo_problem, reserved, 20);
FIELD(dmo_problem, id, 24);
FIELD(dmo_problem, name, 32);
FIELD(dmo_problem, summary, 40);
FIELD(dmo_problem, options, 48);
FIELD(dmo_problem, spec, 56);
FIELD(dmo_problem, evaluate, 64);
FIELD(dmo_problem, create, 72);
FIELD(dmo_problem, describe, 80);
FIELD(dmo_problem, destroy, 88);
FIELD(dmo_problem, extension, 96);

SIZE(dmo_plugin, 72);
FIELD(dmo_plugin, struct_size, 0);
FIELD(dmo_plugin, abi_minor, 4);
FIELD(dmo_plugin, id, 8);
FIELD(dmo_plugin, name, 16);
FIELD(dmo_plugin, version, 24);
FIELD(dmo_plugin, vendor, 32);
FIELD(dmo_plugin, license, 40);
FIELD(dmo_plugin, url, 48);
FIELD(dmo_plugin, problem_count, 56);
FIELD(dmo_plugin, reserved, 60);
FIELD(dmo_plugin, problems, 64);

SIZE(dmo_gradient, 24);
FIELD(dmo_gradient, struct_size, 0);
FIELD(dmo_gradient, reserved, 4);
FIELD(dmo_gradient, vjp, 8);
FIELD(dmo_gradient, jvp, 16);

SIZE(dmo_batch, 16);
FIELD(dmo_batch, struct_size, 0);
FIELD(dmo_batch, preferred_size, 4);
FIELD(dmo_batch, evaluate, 8);

SIZE(dmo_composite, 24);
FIELD(dmo_composite, struct_size, 0);
FIELD(dmo_composite, reserved, 4);
FIELD(dmo_composite, compose, 8);
FIELD(dmo_composite, compose_vjp, 16);

SIZE(dmo_fidelity_level, 24);
FIELD(dmo_fidelity_level, id, 0);
FIELD(dmo_fidelity_level, summary, 8);
FIELD(dmo_fidelity_level, relative_cost, 16);

SIZE(dmo_fidelity, 24);
FIELD(dmo_fidelity, struct_size, 0);
FIELD(dmo_fidelity, level_size, 4);
FIELD(dmo_fidelity, level_count, 8);
FIELD(dmo_fidelity, reserved, 12);
FIELD(dmo_fidelity, levels, 16);

SIZE(dmo_reference_point, 64);
FIELD(dmo_reference_point, struct_size, 0);
FIELD(dmo_reference_point, kind, 4);
FIELD(dmo_reference_point, note, 8);
FIELD(dmo_reference_point, x, 16);
FIELD(dmo_reference_point, y, 24);
FIELD(dmo_reference_point, rtol, 32);
FIELD(dmo_reference_point, atol, 40);
FIELD(dmo_reference_point, seed, 48);
FIELD(dmo_reference_point, fidelity, 56);
FIELD(dmo_reference_point, reserved, 60);

SIZE(dmo_reference, 16);
FIELD(dmo_reference, struct_size, 0);
FIELD(dmo_reference, reserved, 4);
FIELD(dmo_reference, points, 8);

SIZE(dmo_artifact, 96);
FIELD(dmo_artifact, struct_size, 0);
FIELD(dmo_artifact, kind, 4);
FIELD(dmo_artifact, id, 8);
FIELD(dmo_artifact, title, 16);
FIELD(dmo_artifact, x_label, 24);
FIELD(dmo_artifact, x_unit, 32);
FIELD(dmo_artifact, y_label, 40);
FIELD(dmo_artifact, y_unit, 48);
FIELD(dmo_artifact, panel, 56);
FIELD(dmo_artifact, x_log, 64);
FIELD(dmo_artifact, y_log, 68);
FIELD(dmo_artifact, rows, 72);
FIELD(dmo_artifact, columns, 76);
FIELD(dmo_artifact, x, 80);
FIELD(dmo_artifact, y, 88);

SIZE(dmo_artifacts, 16);
FIELD(dmo_artifacts, struct_size, 0);
FIELD(dmo_artifacts, reserved, 4);
FIELD(dmo_artifacts, draw, 8);
