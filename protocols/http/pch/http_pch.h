// Precompiled for this folder: the headers that cost most of a compilation (Beast and Asio take 4 s).
#ifndef BV_HTTP_PCH_H
#define BV_HTTP_PCH_H

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#endif
