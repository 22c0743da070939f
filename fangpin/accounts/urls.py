from django.urls import path

from fangpin.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/change/", views.password_change, name="password-change"),
    path("duty/switch/", views.duty_switch, name="duty-switch"),
]
