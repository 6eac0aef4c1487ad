#pragma once

#include <string_view>

/// The files of this folder, which the build puts into the program.
namespace bv::sim {

extern const std::string_view page_html;  ///< with {{names}} where render_html puts its texts
extern const std::string_view page_css;
extern const std::string_view page_axis_js, page_timeline_js, page_js;

}  // namespace bv::sim
